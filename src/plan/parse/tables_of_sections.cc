// The fields of the sections of a plan.
#include "plan/parse/tables.h"

namespace davy::spec {

template <>
inline constexpr auto kFields<plan::Environment> = std::tuple{
    optional("url", &plan::Environment::url, "where users reach it; ${url} elsewhere"),
    optional("env-file", &plan::Environment::env_file, "a file of NAME=value lines for the commands"),
    optional("timezone", &plan::Environment::timezone, "whose hours and days are meant"),
    optional("deploy-window", &plan::Environment::deploy_window,
             "when a deployment may begin: `deploy` waits for it (`--now --why TEXT` does not), the way back "
             "never does"),
    optional("freeze", &plan::Environment::freeze,
             "days on which none begins, each with why: `deploy` is refused (`--now --why TEXT` is not)"),
    optional("variables", &plan::Environment::variables, "more ${names}, and variables of the commands")};
template <>
inline constexpr auto kFields<plan::MaintenanceMode> =
    std::tuple{optional("file", &plan::MaintenanceMode::file, "a flag file that the service looks for"),
               optional("router", &plan::MaintenanceMode::router, "the router itself answers 503 with Retry-After"),
               optional("page", &plan::MaintenanceMode::page, "a file with the body of the router's 503")};
template <>
inline constexpr auto kFields<plan::SecretFrom> = std::tuple{
    optional(
        "command", &plan::SecretFrom::command,
        "prints the value, such as `vault kv get -field=jwt shop/$environment`; run when a process of Davy's begins"),
    optional("file", &plan::SecretFrom::file, "holds the value and nothing else; nobody but its owner may read it"),
    optional("credential", &plan::SecretFrom::credential,
             "the name of a systemd credential (LoadCredential= of the unit that Davy runs in)")};
template <>
inline constexpr auto kFields<plan::Expected> =
    std::tuple{optional("requests", &plan::Expected::requests, "the usual traffic in all"),
               optional("errors", &plan::Expected::errors, "the usual error rate")};
template <>
inline constexpr std::string_view kShort<plan::RecordedBaseline> = "recorded";
template <>
inline constexpr auto kFields<plan::RecordedBaseline> = std::tuple{
    required("recorded", &plan::RecordedBaseline::recorded,
             "a run, a traffic log (gzip too), the address of a Prometheus, or a file of `davy baseline`"),
    optional("ago", &plan::RecordedBaseline::ago,
             "the same time of another day: 1d is yesterday at this hour; without it all of what was recorded"),
    optional("over", &plan::RecordedBaseline::over, "with `ago`: what is one stretch; the next one follows it"),
    optional("servers", &plan::RecordedBaseline::servers,
             "in a log: whose requests count, such as [blue*]; in a Prometheus: which versions; all without it"),
    optional("only", &plan::RecordedBaseline::only,
             "in a Prometheus: labels of what is meant, as in PromQL, such as job=\"shop\"")};
template <>
inline constexpr auto kFields<plan::ReleasesFrom> = std::tuple{
    optional("git", &plan::ReleasesFrom::git,
             "a repository, as `git fetch` takes it: the version is the name of a tag, of a branch, or a whole commit"),
    optional("archive", &plan::ReleasesFrom::archive,
             "a file or an address with ${version} in it: tar (gz, bz2, xz, zst, lz4) or zip"),
    optional("sha256", &plan::ReleasesFrom::sha256,
             "of the archive: its sum, or a file or an address that has it as `sha256sum` writes it"),
    optional("command", &plan::ReleasesFrom::command, "a command that fills the empty folder in which it runs")};
template <>
inline constexpr auto kFields<plan::ReleasesSection> = std::tuple{
    required("at", &plan::ReleasesSection::at,
             "where all of them are: folders/VERSION~RUN, the whole ones by name in releases/, `current`, shared/"),
    required("from", &plan::ReleasesSection::from, "where a version comes from: one of git, archive and command"),
    optional("prepare", &plan::ReleasesSection::prepare,
             "`run` steps in the new folder, such as `- run: npm ci`; $folder is its path, which stays"),
    optional("shared", &plan::ReleasesSection::shared,
             "paths in it that are links into shared/, such as [.env, uploads]"),
    optional(
        "keep", &plan::ReleasesSection::keep,
        "how many whole ones are left; what serves, the one before, and what a run may go back to are kept anyhow")};
template <>
inline constexpr auto kFields<plan::WatchSection> = std::tuple{
    optional("do", &plan::WatchSection::steps,
             "steps in order, of which one that fails ends the list; a single one may stand beside its trigger"),
    optional("after", &plan::WatchSection::after, "once, so long after the end of the rollout"),
    optional("look", &plan::WatchSection::look,
             "beats one after the other: [{ every: 1m, for: 1h }, { every: 5m, for: 7d }]"),
    optional("every", &plan::WatchSection::every,
             "a beat from the end of the rollout on, or by the calendar; without `for` for good, whatever is released"),
    optional("for", &plan::WatchSection::length, "how long the beat lasts; then it belongs to this release"),
    optional("day", &plan::WatchSection::day,
             "of `every: week`: mon to sun; of `every: month`: 1 to 31, its last day at the latest"),
    optional("at", &plan::WatchSection::at, "the time of day in the environment's `timezone`"),
    optional("on-trouble", &plan::WatchSection::on_trouble,
             "what follows what is not well: page, warn, note; or roll-back, within the rollback window"),
    optional("only-in", &plan::WatchSection::only_in, "the only environments in which it is there")};
template <>
inline constexpr auto kFields<plan::JudgeSection> = std::tuple{
    optional("roll-back", &plan::JudgeSection::roll_back, "each of these takes the candidate back"),
    optional("hold", &plan::JudgeSection::hold, "each of these holds the run for a person"),
    optional("page", &plan::JudgeSection::page, "each of these calls a person; the run goes on"),
    optional("warn", &plan::JudgeSection::warn, "each of these is told at once; the run goes on"),
    optional("note", &plan::JudgeSection::note, "each of these is written down"),
    optional("dry-run", &plan::JudgeSection::dry_run,
             "each of these is written down as what would have taken the candidate back, and decides nothing"),
    optional(
        "compare", &plan::JudgeSection::compare,
        "series that are tested, candidate against previous, such as [latency.p95, { series: memory, by: 20% }]: a "
        "difference that chance does not explain, however long one watches"),
    optional("baselines", &plan::JudgeSection::baselines,
             "stretches of other days that conditions may compare with, such as yesterday: { recorded: "
             "http://prometheus:9090, ago: 1d } for `latency.p95 > 150% of yesterday`"),
    optional("kayenta", &plan::JudgeSection::kayenta,
             "a canary configuration of Kayenta's: its score must pass at the end of each bake, and be no failure at "
             "each interval before"),
    optional("planned-looks", &plan::JudgeSection::planned_looks,
             "the errors of candidate and previous at a few looks that are planned beforehand (O'Brien and Fleming's "
             "bounds), beside the test that may be looked at all the time"),
    optional("look", &plan::JudgeSection::look,
             "how often the rules are looked at, such as [{ every: 1m, for: 1h }, { every: 5m }]; ten times a second "
             "without it. The tests of candidate against previous never pause"),
    optional("alpha", &plan::JudgeSection::alpha,
             "the chance that a run is held or taken back though the candidate is as good, by all tests against the "
             "previous "
             "release together: errors, 4xx, what is compared, rules `of previous`"),
    optional("worse-by", &plan::JudgeSection::worse_by,
             "an error rate that is higher by no more than that is no news, however surely it is proven"),
    optional("warm-up", &plan::JudgeSection::warm_up,
             "from its first user on a candidate's latency and 4xx are seen, but do not count, nor do comparisons of "
             "its gauges: it is cold. Errors count at once"),
    optional("usual", &plan::JudgeSection::usual, "the usual traffic: `davy plan` says what a bake can see in it")};

// clang-format off
template <> const core::Table& table_of<plan::Environment>() { return MadeTable<plan::Environment>::get(); }
template <> const core::Table& table_of<plan::MaintenanceMode>() { return MadeTable<plan::MaintenanceMode>::get(); }
template <> const core::Table& table_of<plan::SecretFrom>() { return MadeTable<plan::SecretFrom>::get(); }
template <> const core::Table& table_of<plan::Expected>() { return MadeTable<plan::Expected>::get(); }
template <> const core::Table& table_of<plan::RecordedBaseline>() { return MadeTable<plan::RecordedBaseline>::get(); }
template <> const core::Table& table_of<plan::ReleasesFrom>() { return MadeTable<plan::ReleasesFrom>::get(); }
template <> const core::Table& table_of<plan::ReleasesSection>() { return MadeTable<plan::ReleasesSection>::get(); }
template <> const core::Table& table_of<plan::JudgeSection>() { return MadeTable<plan::JudgeSection>::get(); }
template <> const core::Table& table_of<plan::WatchSection>() { return MadeTable<plan::WatchSection>::get(); }
// clang-format on

}  // namespace davy::spec
