// The options of probe `supervisor`.
#include "providers/probe/supervisor.h"

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::SupervisorProbe> = "supervisor";
template <>
inline constexpr auto kFields<providers::SupervisorProbe> = std::tuple{
    required("supervisor", &providers::SupervisorProbe::programs,
             "a program as `supervisorctl status` names it, `GROUP:*`, or `all`"),
    optional("server", &providers::SupervisorProbe::server,
             "where supervisord listens: the path of its socket, or http://127.0.0.1:9001"),
    optional("user", &providers::SupervisorProbe::user, "`username` of its http server, where it has one"),
    optional("password", &providers::SupervisorProbe::password, "$NAME of the secret that is its `password`")};

// clang-format off
template <> const core::Table& table_of<providers::SupervisorProbe>() { return MadeTable<providers::SupervisorProbe>::get(); }
// clang-format on

}  // namespace davy::spec
