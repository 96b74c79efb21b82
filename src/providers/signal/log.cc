#include "providers/signal/log.h"

#include "ports/registry.h"
#include "providers/signal/traffic_lines.h"
#include "providers/signal/traffic_series.h"

namespace davy::providers {

signals::FormatOptions format_options(const LogSignal& signal) {
  return {.server = signal.server_by, .release = signal.release_by, .client = signal.client};
}

Result<signals::Format> format_of(const LogSignal& signal) {
  return signals::Format::from(signal.format.text.empty() ? "nginx" : signal.format.text, format_options(signal));
}

void add_log_signal(ports::Registry& r) {
  r.source<LogSignal>("access-log", "A traffic log of nginx, Apache, HAProxy or anything that writes a line a request.",
                      "{ access-log: /var/log/nginx/access.log, server-by: upstream_addr, ignore: [/health] }",
                      log_source, {{"*", spec::kAny, "what the lines tell"}}, nullptr, traffic_series());
}

}  // namespace davy::providers
