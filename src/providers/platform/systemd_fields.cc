// The options of platform `systemd`, and what is kept with a unit that it was given to.
#include "providers/platform/systemd.h"
#include "providers/platform/systemd_text.h"

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::SystemdOptions> = "systemd";
template <>
inline constexpr auto kFields<providers::SystemdOptions> = std::tuple{
    required("systemd", &providers::SystemdOptions::unit,
             "a service of systemd, as `systemctl status` names it; or a template, `shop@`, of which instances "
             "`shop@PORT` are started: $port, $version, the plan's variables and secrets are in their environment"),
    optional("user", &providers::SystemdOptions::user, "one of the user's own manager"),
    optional("instances", &providers::SystemdOptions::instances, "of a template: how many of a release"),
    optional("ports", &providers::SystemdOptions::ports, "of a template: ports to choose from"),
    optional("host", &providers::SystemdOptions::host, "of a template: address at which the router reaches it"),
    optional("health", &providers::SystemdOptions::health,
             "URL, or path, that answers 2xx when it is ready: of a template at its port ($port in a URL), else behind "
             "`url` of the environment; none: it is, once it has run for `healthy-for`"),
    optional("up-within", &providers::SystemdOptions::up_within,
             "how long until it is active and `health` answers; one that fails, or that systemd has to start again, is "
             "not waited for"),
    optional("healthy-for", &providers::SystemdOptions::healthy_for,
             "how long it must be well, without a break, before it is ready; without it at once, or after 1s where it "
             "has no `health`"),
    optional("stop-within", &providers::SystemdOptions::stop_within,
             "its `ExecStop=` or TERM, and KILL after this; without it the unit's own TimeoutStopSec= says when")};
template <>
inline constexpr auto kFields<providers::SystemdNote> =
    std::tuple{required("release", &providers::SystemdNote::release, "id of the release"),
               optional("version", &providers::SystemdNote::version, "its version"),
               optional("index", &providers::SystemdNote::index, "which of its instances"),
               optional("port", &providers::SystemdNote::port, "where it listens; 0 in place")};

// clang-format off
template <> const core::Table& table_of<providers::SystemdOptions>() { return MadeTable<providers::SystemdOptions>::get(); }
template <> const core::Table& table_of<providers::SystemdNote>() { return MadeTable<providers::SystemdNote>::get(); }
// clang-format on

}  // namespace davy::spec
