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

static std::optional<spec::Measured> measured(const RedisProbe& o, std::string_view name) {
  if (name == "value") return spec::Measured{o.unit.unit, true};
  return spec::among({{"time", spec::Unit::seconds}}, name);
}

static std::optional<spec::Measured> measured(const RedisSignal&, std::string_view name) {
  using spec::Unit;
  return spec::among({{"memory", Unit::bytes},
                      {"memory_share", Unit::ratio},
                      {"clients", Unit::none},
                      {"blocked_clients", Unit::none},
                      {"keys", Unit::none},
                      {"hit_rate", Unit::ratio},
                      {"commands", Unit::rate},
                      {"evictions", Unit::rate},
                      {"expired", Unit::rate},
                      {"rejected", Unit::none},
                      {"restarts", Unit::none}},
                     name);
}

void add_redis_probe(ports::Registry& r) {
  r.probe<RedisProbe>("redis", "Asks a Redis; well is an answer.", "{ redis: \"redis://localhost\" }", perform,
                      {"numbers"}, [](const RedisProbe&) { return std::vector<std::string>{"time", "value"}; });
  r.measured<RedisProbe>("probe", "redis", measured);
}

static std::vector<std::string> fields_of(const RedisSignal&) {
  return {"",     "role",     "master_link", "memory",    "memory_share", "clients",  "blocked_clients",
          "keys", "hit_rate", "commands",    "evictions", "expired",      "rejected", "restarts"};
}

void add_redis_signal(ports::Registry& r) {
  r.source<RedisSignal>("redis", "Redis's INFO: hit rate, memory, clients, evictions.",
                        "{ redis: \"redis://localhost\", password: $REDIS_PASSWORD }", redis_source, fields_of);
  r.measured<RedisSignal>("signal", "redis", measured);
}

}  // namespace davy::providers
