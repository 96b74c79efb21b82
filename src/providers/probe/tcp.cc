#include "providers/probe/tcp.h"

namespace davy::providers {

ports::Task<ports::Observation> perform(TcpProbe o, ports::Outside& out, ports::Asking who) {
  auto begin = out.clock.now();
  auto done = co_await out.dialer.connect(o.address, who.timeout);
  auto took = out.clock.now() - begin;
  if (!done && done.error().code != Code::unavailable && done.error().code != Code::timed_out)
    co_return std::unexpected(done.error());
  ports::Observation seen{.ok = done.has_value(),
                          .unwell = {"value"},
                          .says = done ? "answers in " + human(took) : o.address + ": " + done.error().message,
                          .numbers = {{"time", seconds(took)}},
                          .words = {{"value", done ? "open" : "closed"}}};
  co_return seen;
}

void add_tcp_probe(ports::Registry& r) {
  r.probe<TcpProbe>(
      "tcp", "Connects to a port.", "{ tcp: localhost:5432 }", perform,
      {{"value", spec::kWord, "open or closed"}, {"time", spec::Unit::seconds, "until it was one of them"}});
}

}  // namespace davy::providers
