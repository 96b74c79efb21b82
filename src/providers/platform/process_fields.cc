// The options of platform `process`.
#include "providers/platform/process.h"

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::ProcessOptions> = "process";
template <>
inline constexpr auto kFields<providers::ProcessOptions> = std::tuple{
    required("process", &providers::ProcessOptions::command,
             "command line of one instance, in the foreground; $port and $version are in its environment"),
    optional("instances", &providers::ProcessOptions::instances, "how many of a release"),
    optional("ports", &providers::ProcessOptions::ports, "ports to choose from"),
    optional("health", &providers::ProcessOptions::health,
             "path (or URL with $port) that answers 2xx when an instance is ready; none: it is, once it has lived for "
             "`healthy-for`"),
    optional("up-within", &providers::ProcessOptions::up_within, "how long an instance may take to be ready"),
    optional(
        "healthy-for", &providers::ProcessOptions::healthy_for,
        "how long it must be healthy, without a break, before it is ready; without it at once, or after 1s where it "
        "has no `health`"),
    optional("stop-within", &providers::ProcessOptions::stop_within, "TERM, and KILL after this"),
    optional("one-at-a-time", &providers::ProcessOptions::one_at_a_time,
             "two releases must never run at once (a lock, a file of its own): one is stopped before the other starts, "
             "on the way back too"),
    optional("cwd", &providers::ProcessOptions::cwd, "where it runs; beside `releases` a folder in its own release"),
    optional("host", &providers::ProcessOptions::host, "address at which the router reaches it")};
template <>
inline constexpr auto kFields<providers::ProcessNote> =
    std::tuple{required("release", &providers::ProcessNote::release, "id of the release"),
               optional("version", &providers::ProcessNote::version, "its version"),
               optional("index", &providers::ProcessNote::index, "which of its instances"),
               optional("port", &providers::ProcessNote::port, "where it listens")};

// clang-format off
template <> const core::Table& table_of<providers::ProcessOptions>() { return MadeTable<providers::ProcessOptions>::get(); }
template <> const core::Table& table_of<providers::ProcessNote>() { return MadeTable<providers::ProcessNote>::get(); }
// clang-format on

}  // namespace davy::spec
