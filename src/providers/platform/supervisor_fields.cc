// The options of platform `supervisor`.
#include "providers/platform/supervisor.h"

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::SupervisorOptions> = "supervisor";
template <>
inline constexpr auto kFields<providers::SupervisorOptions> = std::tuple{
    required("supervisor", &providers::SupervisorOptions::programs,
             "a program as `supervisorctl status` names it, `GROUP:*`, or `all`; several are started by their "
             "`priority`, those of the next one when these run, and stopped the other way round"),
    optional("server", &providers::SupervisorOptions::server,
             "where supervisord listens: the path of its socket, or http://127.0.0.1:9001"),
    optional("user", &providers::SupervisorOptions::user, "`username` of its http server, where it has one"),
    optional("password", &providers::SupervisorOptions::password, "$NAME of the secret that is its `password`"),
    optional("health", &providers::SupervisorOptions::health,
             "URL, or path behind `url` of the environment, that answers 2xx when the service is ready"),
    optional("up-within", &providers::SupervisorOptions::up_within,
             "how long until all are RUNNING and `health` answers; one in BACKOFF or FATAL, or that ends, is not "
             "waited for"),
    optional("healthy-for", &providers::SupervisorOptions::healthy_for,
             "how long each must then have run without a restart")};

// clang-format off
template <> const core::Table& table_of<providers::SupervisorOptions>() { return MadeTable<providers::SupervisorOptions>::get(); }
// clang-format on

}  // namespace davy::spec
