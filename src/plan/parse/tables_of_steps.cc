// The fields of each kind of step, and of what may stand beside it.
#include "plan/parse/tables.h"

namespace davy::spec {

template <>
struct Codec<plan::Migration> {
  static bool decode(const Value& v, plan::Migration& out, Diagnostics& d) {
    auto command = v.map() && v.map()->size() == 1 ? v.find("command") : nullptr;
    out.command = command != nullptr;
    auto text = scalar_text(command ? *command : v);
    if (text) out.text = *text;
    return text || core::expected("a command, a folder, or { command: … }", v, d);
  }
  static Json encode(const plan::Migration& m) { return m.command ? Json{{"command", m.text}} : Json(m.text); }
  static Json schema() {
    auto text = spec::schema<std::string>();
    text["description"] = "a command, beside `database`, that runs under a lock timeout";
    Json command{{"type", "object"},
                 {"properties", {{"command", text}}},
                 {"required", {"command"}},
                 {"additionalProperties", false}};
    return {{"anyOf", Json::array({spec::schema<std::string>(), command})}};
  }
};

// Siblings of every step and probe.
template <>
inline constexpr std::string_view kShort<plan::Retry> = "tries";
template <>
inline constexpr auto kFields<plan::Retry> =
    std::tuple{required("tries", &plan::Retry::tries, "attempts in all, the first one included"),
               optional("wait", &plan::Retry::wait, "pause after the first failure, doubled after each, at most 1m")};
template <>
inline constexpr auto kFields<plan::Common> = std::tuple{
    optional("timeout", &plan::Common::timeout, "limit of one attempt"),
    optional("retry", &plan::Common::retry, "attempts in all, or { tries: 3, wait: 2s }"),
    optional("optional", &plan::Common::optional, "its failure is noted and the run goes on"),
    optional("on-trouble", &plan::Common::on_trouble, "what its failure leads to; without it `roll-back`"),
    optional(
        "undo", &plan::Common::undo,
        "the command that takes it back, or `nothing` (there is nothing to take back), or `impossible` (a point of "
        "no return), or `{ restore: NAME }`, the backup of that name that this rollout made"),
    optional("repeatable", &plan::Common::repeatable, "the command may safely run twice"),
    optional("name", &plan::Common::name, "what people call it; without it the first line of the command"),
    optional(
        "drain-within", &plan::Common::drain_within,
        "how long open requests may take before they are ended, forward (30s without it) and on the way back (1s)"),
    optional("only-in", &plan::Common::only_in,
             "environments in which it is there at all; elsewhere it counts as nothing"),
    optional("secrets", &plan::Common::secrets,
             "the only ones of the plan's secrets that reach it; without it all do")};
template <>
inline constexpr auto kFields<plan::Expect> = std::tuple{
    optional("expect", &plan::Expect::expect, "conditions on what the probe found, beside its own idea of well"),
    optional("degraded", &plan::Expect::degraded,
             "conditions on what the probe found; where one of them holds it is well all the same, and warned of"),
    optional("within", &plan::Expect::within,
             "it is asked again and again until it is well, so long at most; without it once")};
template <>
inline constexpr auto kFields<plan::Every> = std::tuple{optional("every", &plan::Every::every, "how often it is read")};

// Steps whose options stand beside the kind.
template <>
inline constexpr auto kFields<plan::Check> =
    std::tuple{required("check", &plan::Check::groups, "the groups of `checks:` that must be complete")};
template <>
inline constexpr auto kFields<plan::Run> =
    std::tuple{required("run", &plan::Run::text,
                        "a command for /bin/sh, handed over untouched; $version, $previous, $environment, "
                        "$service and $run are in its environment"),
               optional("cwd", &plan::Run::cwd, "the directory it runs in; the plan's own without")};
template <>
inline constexpr auto kFields<plan::Migrate> = std::tuple{
    required("migrate", &plan::Migrate::what,
             "the command that changes the data's schema; beside `database` a folder of migrations (SQL, "
             "alembic's or Prisma's), or { command: … }"),
    optional("compatible-with-previous", &plan::Migrate::compatible_with_previous,
             "the previous release works on the changed schema too; demanded where two versions serve"),
    optional("cwd", &plan::Migrate::cwd,
             "the directory it, its `status` and its `undo` run in; the plan's own without"),
    optional("status", &plan::Migrate::status,
             "a command that prints the state that stands; asked before, and told to the undo as "
             "$schema_before"),
    optional("database", &plan::Migrate::database,
             "the PostgreSQL whose schema it is: a signal `postgres` of the plan, or the $NAME of a secret"),
    optional("lock-timeout", &plan::Migrate::lock_timeout,
             "beside `database`: how long a statement waits for a lock before it makes room for others and is "
             "tried again"),
    optional("adopt", &plan::Migrate::adopt,
             "of a folder of SQL: up to this version all stands already where Davy never looked before"),
    optional("program", &plan::Migrate::program,
             "of a folder of alembic's or Prisma's: how that is called, where it is not found by itself")};
template <>
inline constexpr auto kFields<plan::Wait> = std::tuple{required("wait", &plan::Wait::length, "how long to wait")};
template <>
inline constexpr auto kFields<plan::Start> =
    std::tuple{required("start", &plan::Start::services, "services to start; all without a name")};
template <>
inline constexpr auto kFields<plan::Stop> =
    std::tuple{required("stop", &plan::Stop::services, "services to stop; all without a name")};
template <>
inline constexpr auto kFields<plan::Restart> =
    std::tuple{required("restart", &plan::Restart::services, "services to restart, in this order; all without a name")};
template <>
inline constexpr auto kFields<plan::Ship> =
    std::tuple{required("ship", &plan::Ship::services, "services to ship, in this order; all without a name")};
template <>
inline constexpr auto kFields<plan::Maintenance> =
    std::tuple{required("maintenance", &plan::Maintenance::on, "whether users meet the maintenance page")};
template <>
inline constexpr auto kFields<plan::Drain> = std::tuple{
    optional("drain", &plan::Drain::until, "the condition to wait for; without it, until the router counts no session"),
    optional("within", &plan::Drain::within, "how long to wait for it"),
    optional("otherwise", &plan::Drain::otherwise, "what happens after that; close: go on, and end what is left")};
template <>
inline constexpr auto kFields<plan::Traffic> =
    std::tuple{required("traffic", &plan::Traffic::share, "the candidate's share of the traffic")};
template <>
inline constexpr auto kFields<plan::Phase> =
    std::tuple{required("traffic", &plan::Phase::traffic, "the candidate's share of the traffic"),
               optional("bake", &plan::Phase::bake, "how long it is watched; only observed time counts"),
               optional("pass", &plan::Phase::pass, "conditions that must hold over the whole bake"),
               optional("on-trouble", &plan::Phase::on_trouble,
                        "what trouble in this phase leads to; without it `roll-back`. A `pass` that is not met is for "
                        "people: it holds")};
template <>
inline constexpr auto kFields<plan::Canary> =
    std::tuple{required("canary", &plan::Canary::phases, "the phases, their traffic rising to 100%")};
template <>
inline constexpr auto kFields<plan::Confirm> =
    std::tuple{required("confirm", &plan::Confirm::who, "who is asked; anybody may answer for them"),
               optional("expires", &plan::Confirm::expires, "how long the answer holds")};
template <>
inline constexpr auto kFields<plan::Approve> =
    std::tuple{required("approve", &plan::Approve::role, "the role that must approve this very runbook"),
               optional("expires", &plan::Approve::expires, "how long the approval holds"),
               optional("by-another", &plan::Approve::by_another, "whoever began the run may not approve it")};

template <>
inline constexpr auto kFields<plan::Notify> =
    std::tuple{required("notify", &plan::Notify::name, "what is told, a name under `notify:`")};
template <>
inline constexpr auto kFields<plan::Backup> = std::tuple{
    required("backup", &plan::Backup::what,
             "a signal of kind `postgres` or `redis`, by its name; or a path, which has a `/`"),
    required("into", &plan::Backup::into, "the folder for its copies, a folder each; made for this user alone"),
    optional(
        "keep", &plan::Backup::keep,
        "the newest so many copies, or those of so many days (14d); never without the newest proven one. Without it "
        "all"),
    optional("prove", &plan::Backup::prove,
             "`restore`: the copy is restored into a scratch and compared with what the source had in the snapshot, "
             "files are read back; `[restore, contents]`: a hash of all rows is compared, too"),
    optional("format", &plan::Backup::format,
             "of a database: how pg_dump writes it. directory: by two jobs at once, a file for each table")};

// Steps whose options stand inside the kind.
template <>
inline constexpr auto kFields<plan::BlueGreen> =
    std::tuple{required("bake", &plan::BlueGreen::bake, "how long the candidate is watched with all traffic"),
               optional("pass", &plan::BlueGreen::pass, "conditions that must hold over the whole bake")};
template <>
inline constexpr auto kFields<plan::Rolling> =
    std::tuple{required("batches", &plan::Rolling::batches, "shares that rise to 100%"),
               required("bake", &plan::Rolling::bake, "how long each batch is watched"),
               optional("pass", &plan::Rolling::pass, "conditions that must hold over each bake")};

// clang-format off
template <> const core::Table& table_of<plan::Retry>() { return MadeTable<plan::Retry>::get(); }
template <> const core::Table& table_of<plan::Common>() { return MadeTable<plan::Common>::get(); }
template <> const core::Table& table_of<plan::Expect>() { return MadeTable<plan::Expect>::get(); }
template <> const core::Table& table_of<plan::Every>() { return MadeTable<plan::Every>::get(); }
template <> const core::Table& table_of<plan::Check>() { return MadeTable<plan::Check>::get(); }
template <> const core::Table& table_of<plan::Run>() { return MadeTable<plan::Run>::get(); }
template <> const core::Table& table_of<plan::Migrate>() { return MadeTable<plan::Migrate>::get(); }
template <> const core::Table& table_of<plan::Wait>() { return MadeTable<plan::Wait>::get(); }
template <> const core::Table& table_of<plan::Start>() { return MadeTable<plan::Start>::get(); }
template <> const core::Table& table_of<plan::Stop>() { return MadeTable<plan::Stop>::get(); }
template <> const core::Table& table_of<plan::Ship>() { return MadeTable<plan::Ship>::get(); }
template <> const core::Table& table_of<plan::Restart>() { return MadeTable<plan::Restart>::get(); }
template <> const core::Table& table_of<plan::Maintenance>() { return MadeTable<plan::Maintenance>::get(); }
template <> const core::Table& table_of<plan::Drain>() { return MadeTable<plan::Drain>::get(); }
template <> const core::Table& table_of<plan::Traffic>() { return MadeTable<plan::Traffic>::get(); }
template <> const core::Table& table_of<plan::Phase>() { return MadeTable<plan::Phase>::get(); }
template <> const core::Table& table_of<plan::Canary>() { return MadeTable<plan::Canary>::get(); }
template <> const core::Table& table_of<plan::Confirm>() { return MadeTable<plan::Confirm>::get(); }
template <> const core::Table& table_of<plan::Notify>() { return MadeTable<plan::Notify>::get(); }
template <> const core::Table& table_of<plan::Backup>() { return MadeTable<plan::Backup>::get(); }
template <> const core::Table& table_of<plan::Approve>() { return MadeTable<plan::Approve>::get(); }
template <> const core::Table& table_of<plan::BlueGreen>() { return MadeTable<plan::BlueGreen>::get(); }
template <> const core::Table& table_of<plan::Rolling>() { return MadeTable<plan::Rolling>::get(); }
// clang-format on

}  // namespace davy::spec
