// Signal and probe `redis`.
#pragma once
#include "providers/signal/steady.h"
#include "signals/systems/redis_info.h"

namespace davy::providers {

struct RedisSignal {
  std::string url, password, ca;
};
struct RedisProbe {
  std::string url, password;
  std::vector<std::string> command;
  std::string ca;
  spec::Measure unit = {};
};

ports::Observation observed(const RedisProbe&, const std::string& answer, Duration took);
ports::Task<ports::Observation> perform(RedisProbe, ports::Outside&, ports::Asking);
Result<std::unique_ptr<ports::Source>> redis_source(RedisSignal, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::RedisSignal> = "redis";
template <>
inline constexpr auto kFields<providers::RedisSignal> =
    std::tuple{required("redis", &providers::RedisSignal::url,
                        "redis[s]://[user@]host[:port][/database], unix:///path, or $NAME of a secret that is one"),
               optional("password", &providers::RedisSignal::password, "$NAME of a secret"),
               optional("ca", &providers::RedisSignal::ca,
                        "file of certificates to trust with rediss://; the system's by default")};
template <>
inline constexpr std::string_view kShort<providers::RedisProbe> = "redis";
template <>
inline constexpr auto kFields<providers::RedisProbe> = std::tuple{
    required("redis", &providers::RedisProbe::url,
             "redis[s]://[user@]host[:port][/database], unix:///path, or $NAME of a secret that is one"),
    optional("password", &providers::RedisProbe::password, "$NAME of a secret"),
    optional("command", &providers::RedisProbe::command,
             "what to ask, such as [GET, ready]; PING by default. `value` is the answer"),
    optional("unit", &providers::RedisProbe::unit,
             "what the answer's number means: percent (75), share (0.75), ms, s, B, MB, /s …; without one it "
             "is a bare number"),
    optional("ca", &providers::RedisProbe::ca,
             "file of certificates to trust with rediss://; the system's by default")};

}  // namespace davy::spec
