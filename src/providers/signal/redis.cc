#include "providers/signal/redis.h"

#include "base/text.h"
#include "signals/metrics/readout.h"

namespace davy::providers {
namespace {

ports::Task<std::string> ask(ports::Outside& out, ports::RedisRequest r) {
  if (!out.redis) co_return fail(Code::unavailable, "nobody can ask a Redis here");
  co_return co_await out.redis->ask(std::move(r));
}

class Redis final : public SteadySource {
 public:
  Redis(RedisSignal o, ports::Outside& out, Duration timeout)
      : SteadySource(out), o_(std::move(o)), timeout_(timeout) {}

 private:
  ports::Task<judge::Window> read(std::optional<Time> last) override {
    auto info = co_await ask(
        out_, {.url = o_.url, .password = o_.password, .command = {"INFO"}, .timeout = timeout_, .ca = o_.ca});
    if (!info) co_return std::unexpected(info.error());
    auto now = out_.clock.now();
    co_return account_.look(*info, last.value_or(now), now);
  }
  RedisSignal o_;
  Duration timeout_;
  signals::RedisAccount account_;
};

}  // namespace

ports::Observation observed(const RedisProbe& o, const std::string& answer, Duration took) {
  auto word = printable(trimmed(answer).substr(0, 200));
  ports::Observation out{.ok = true, .says = word + " in " + human(took), .numbers = {{"time", seconds(took)}}};
  out.words["value"] = word;
  if (auto found = signals::quantity(trimmed(answer)))
    if (auto number = spec::in_base(*found, o.unit)) out.numbers["value"] = *number;
  return out;
}

ports::Task<ports::Observation> perform(RedisProbe o, ports::Outside& out, ports::Asking who) {
  auto began = out.clock.now();
  ports::RedisRequest r{.url = o.url, .password = o.password, .command = o.command, .timeout = who.timeout, .ca = o.ca};
  if (r.command.empty()) r.command = {"PING"};
  auto answer = co_await ask(out, std::move(r));
  if (!answer) co_return std::unexpected(answer.error());
  co_return observed(o, *answer, out.clock.now() - began);
}

Result<std::unique_ptr<ports::Source>> redis_source(RedisSignal o, ports::Outside& out, ports::Asking who) {
  return std::make_unique<Redis>(std::move(o), out, who.timeout);
}

void add_redis_probe(ports::Registry& r) {
  r.probe<RedisProbe>("redis", "Asks a Redis; well is an answer.", "{ redis: \"redis://localhost\" }", perform,
                      {{"value", spec::kOwn, "the answer"}, {"time", spec::Unit::seconds, "how long it took"}});
}

void add_redis_signal(ports::Registry& r) {
  using spec::Unit;
  r.source<RedisSignal>("redis", "Redis's INFO: hit rate, memory, clients, evictions.",
                        "{ redis: \"redis://localhost\", password: $REDIS_PASSWORD }", redis_source,
                        {{"", spec::kWord, "up, or loading"},
                         {"role", spec::kWord, "master or slave"},
                         {"master_link", spec::kWord, "of a replica: up or down"},
                         {"memory", Unit::bytes, "memory that it uses"},
                         {"memory_share", Unit::ratio, "of `maxmemory`, where there is one"},
                         {"clients", Unit::none, "connected clients"},
                         {"blocked_clients", Unit::none, "clients that wait in a blocking call"},
                         {"keys", Unit::none, "keys of all databases"},
                         {"hit_rate", Unit::ratio, "lookups that found their key"},
                         {"commands", Unit::rate, "commands per second"},
                         {"evictions", Unit::rate, "keys thrown out for want of memory, per second"},
                         {"expired", Unit::rate, "keys that expired, per second"},
                         {"rejected", Unit::none, "connections refused since Davy began to look"},
                         {"restarts", Unit::none, "restarts since Davy began to look"}});
}

}  // namespace davy::providers
