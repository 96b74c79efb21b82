#include "providers/signal/log.h"

namespace davy::providers {

signals::FormatOptions format_options(const LogSignal& signal) {
  return {.server = signal.server_by, .release = signal.release_by, .client = signal.client};
}

Result<signals::Format> format_of(const LogSignal& signal) {
  return signals::Format::from(signal.format.text.empty() ? "nginx" : signal.format.text, format_options(signal));
}

}  // namespace davy::providers
