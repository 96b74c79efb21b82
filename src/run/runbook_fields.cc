// The fields of a runbook, as the journal has them.
#include "run/runbook.h"

namespace davy::spec {

template <>
inline constexpr auto kFields<run::Release> =
    std::tuple{optional("version", &run::Release::version, "what people call it"),
               optional("id", &run::Release::id, "what this deployment of it is called on the platform"),
               optional("as", &run::Release::as, "the platform's options, as this release is run"),
               optional("artifact", &run::Release::artifact, "what was really shipped, where the platform tells"),
               optional("says", &run::Release::says, "what `serves` said when it was verified"),
               optional("folder", &run::Release::folder, "where its files are, in a releases folder")};
template <>
inline constexpr auto kFields<run::Subject> =
    std::tuple{required("service", &run::Subject::service, "the service"),
               required("candidate", &run::Subject::candidate, "the release that is shipped"),
               optional("previous", &run::Subject::previous, "the release that serves; none at a first release")};
template <>
inline constexpr auto kFields<run::Chosen> =
    std::tuple{required("name", &run::Chosen::name, "the provider"),
               optional("options", &run::Chosen::options, "its options, expanded")};
template <>
inline constexpr auto kFields<run::ServiceSetup> =
    std::tuple{required("name", &run::ServiceSetup::name, "the service"),
               required("platform", &run::ServiceSetup::platform, "what runs it; the options come with a release"),
               optional("router", &run::ServiceSetup::router, "what sends it users"),
               optional("serves", &run::ServiceSetup::serves, "what tells which version serves"),
               optional("secrets", &run::ServiceSetup::secrets, "the only secrets that reach it")};
template <>
inline constexpr auto kFields<run::SignalSetup> =
    std::tuple{required("name", &run::SignalSetup::name, "what conditions call it"),
               required("source", &run::SignalSetup::source, "where it is read"),
               optional("every", &run::SignalSetup::every, "how often")};
template <>
inline constexpr auto kFields<run::SecretSource> =
    std::tuple{required("name", &run::SecretSource::name, "the secret"),
               optional("command", &run::SecretSource::command, "prints it; $environment is set"),
               optional("file", &run::SecretSource::file, "holds it, and nothing else"),
               optional("credential", &run::SecretSource::credential, "one of systemd's, in $CREDENTIALS_DIRECTORY")};
template <>
inline constexpr auto kFields<run::Setup> =
    std::tuple{required("services", &run::Setup::services, "their platforms and routers"),
               optional("signals", &run::Setup::signals, "what is watched"),
               optional("variables", &run::Setup::variables, "of the plan, for commands"),
               optional("directory", &run::Setup::directory, "where the plan stands"),
               optional("env-file", &run::Setup::env_file, "secrets of the environment"),
               optional("secrets", &run::Setup::secrets, "of which the plan says where they come from"),
               optional("carries", &run::Setup::carries, "labels of signals, where no router tells: release ids")};
template <>
inline constexpr auto kFields<run::Call> = std::tuple{
    optional("port", &run::Call::port, "platform, router, probe, command, person, wait or bake"),
    optional("name", &run::Call::name, "the provider"), optional("do", &run::Call::operation, "the operation"),
    optional("with", &run::Call::args, "its arguments, already checked by the provider's own table")};
template <>
inline constexpr auto kFields<run::Undo> =
    std::tuple{required("kind", &run::Undo::kind, "how it is undone"),
               optional("call", &run::Undo::call, "the call that undoes it; gets what prepare found")};
template <>
inline constexpr auto kFields<run::Step> =
    std::tuple{required("path", &run::Step::path, "its place in the runbook"),
               optional("says", &run::Step::says, "what it does, for people"),
               required("wave", &run::Step::wave, "steps of one wave run in parallel"),
               optional("phase", &run::Step::phase, "index of the first step of its phase"),
               optional("subject", &run::Step::subject, "index of the service that it is about"),
               optional("side", &run::Step::side, "which of its releases is meant"),
               optional("call", &run::Step::call, "what to do"),
               optional("undo", &run::Step::undo, "how to take it back"),
               optional("timeout", &run::Step::timeout, "limit of one attempt"),
               optional("expected", &run::Step::expected, "how long it should take"),
               optional("tries", &run::Step::tries, "attempts in all"),
               optional("retry-wait", &run::Step::retry_wait, "pause after the first failure"),
               optional("repeatable", &run::Step::repeatable, "safe to repeat"),
               optional("optional", &run::Step::optional, "its failure does not stop the run"),
               optional("compatible", &run::Step::compatible, "the previous release can live with it"),
               optional("data", &run::Step::data, "it changes the data"),
               optional("effect", &run::Step::effect, "what it may mean for users"),
               optional("on-trouble", &run::Step::on_trouble, "what trouble leads to"),
               optional("secrets", &run::Step::secrets, "the only secrets that reach it"),
               optional("covers-first", &run::Step::covers_first, "first of the steps that its undo takes back"),
               optional("covers-last", &run::Step::covers_last, "one past the last of them"),
               optional("beside", &run::Step::beside, "on the way back it comes before what is the candidate's")};
template <>
inline constexpr auto kFields<run::Rule> = std::tuple{required("when", &run::Rule::when, "the condition"),
                                                      required("then", &run::Rule::then, "the consequence"),
                                                      optional("dry-run", &run::Rule::dry_run, "decides nothing")};
template <>
inline constexpr std::string_view kShort<run::Compare> = "series";
template <>
inline constexpr auto kFields<run::Compare> = std::tuple{
    required("series", &run::Compare::series, "what is compared: latency.p95, latency (any quantile), a gauge"),
    optional("by", &run::Compare::by, "worse by no more than that is no news"),
    optional("then", &run::Compare::then, "what follows once it is proven")};
template <>
inline constexpr auto kFields<run::Kayenta> = std::tuple{
    required("config", &run::Kayenta::config, "the canary configuration: a JSON file, as Kayenta stores it"),
    optional("metrics", &run::Kayenta::metrics,
             "its metrics by the names of series, such as { errors: error_rate, p95: latency.p95 }"),
    optional("every", &run::Kayenta::every, "one value of each metric"),
    optional("interval", &run::Kayenta::interval, "how often the score is looked at before a bake ends"),
    optional("then", &run::Kayenta::then, "what follows a score below marginal, or a critical metric that failed")};
template <>
inline constexpr auto kFields<run::PlannedLooks> =
    std::tuple{optional("looks", &run::PlannedLooks::looks, "how many there will be"),
               optional("every", &run::PlannedLooks::every, "observed time from one to the next"),
               optional("alpha", &run::PlannedLooks::alpha, "false alarms allowed to all of them together"),
               optional("then", &run::PlannedLooks::then, "what follows once more errors are proven")};
template <>
inline constexpr auto kFields<run::Baseline> =
    std::tuple{required("name", &run::Baseline::name, "what conditions call it"),
               optional("recorded", &run::Baseline::recorded, "where it was recorded"),
               optional("ago", &run::Baseline::ago, "how long before"),
               optional("over", &run::Baseline::over, "a stretch"),
               optional("servers", &run::Baseline::servers, "whose requests count"),
               optional("only", &run::Baseline::only, "labels in a Prometheus"),
               optional("stretches", &run::Baseline::stretches, "what was found")};
template <>
inline constexpr auto kFields<run::Look> =
    std::tuple{required("every", &run::Look::every, "the pause between two looks at the rules"),
               optional("for", &run::Look::length, "how long; without it to the end")};
template <>
inline constexpr auto kFields<run::When> =
    std::tuple{optional("after", &run::When::after, "once, so long after the end of the rollout"),
               optional("beats", &run::When::beats, "one after the other, from the end of the rollout on"),
               optional("every", &run::When::every, "by the calendar"),
               optional("day", &run::When::day, "of the week or the month"),
               optional("at", &run::When::at, "minutes since midnight"),
               optional("dated", &run::When::dated, "it belongs to this release")};
template <>
inline constexpr auto kFields<run::Duty> =
    std::tuple{required("name", &run::Duty::name, "what it is called"), required("when", &run::Duty::when, "it is due"),
               required("steps", &run::Duty::steps, "what is done then"),
               optional("then", &run::Duty::then, "what follows where one fails")};
template <>
inline constexpr auto kFields<run::Runbook> =
    std::tuple{required("environment", &run::Runbook::environment, "where"),
               required("version", &run::Runbook::version, "what"),
               required("subjects", &run::Runbook::subjects, "the services and their releases"),
               optional("rules", &run::Runbook::rules, "judged from the candidate's first user on"),
               optional("looks", &run::Runbook::looks, "how often the rules are looked at"),
               optional("compare", &run::Runbook::compare, "tests of candidate against previous"),
               optional("baselines", &run::Runbook::baselines, "what was recorded on other days"),
               optional("kayenta", &run::Runbook::kayenta, "Kayenta's judge"),
               optional("planned-looks", &run::Runbook::planned_looks, "a few looks at the errors"),
               optional("alpha", &run::Runbook::alpha, "chance that a run acts wrongly on any test"),
               optional("rollback-window", &run::Runbook::rollback_window,
                        "how long after the rollout a verdict may take back by itself"),
               optional("setup", &run::Runbook::setup, "options of the providers"),
               optional("secrets", &run::Runbook::secrets, "names of secrets"),
               required("steps", &run::Runbook::steps, "all that will be done, in order"),
               optional("worse-by", &run::Runbook::worse_by, "error rates higher by no more than that are no news"),
               optional("warm-up", &run::Runbook::warm_up, "in which latency and 4xx of the candidate do not count"),
               optional("urgent", &run::Runbook::urgent, "optional steps are left out, bakes are short"),
               optional("notices", &run::Runbook::notices, "who is told what, and by which ways"),
               optional("learned-from", &run::Runbook::learned_from, "runs that said what is expected of its steps"),
               optional("watch", &run::Runbook::watch, "what is due once it is done"),
               optional("zone", &run::Runbook::zone, "whose calendar is meant")};

// clang-format off
template <> const core::Table& table_of<run::Release>() { return MadeTable<run::Release>::get(); }
template <> const core::Table& table_of<run::Subject>() { return MadeTable<run::Subject>::get(); }
template <> const core::Table& table_of<run::Chosen>() { return MadeTable<run::Chosen>::get(); }
template <> const core::Table& table_of<run::ServiceSetup>() { return MadeTable<run::ServiceSetup>::get(); }
template <> const core::Table& table_of<run::SignalSetup>() { return MadeTable<run::SignalSetup>::get(); }
template <> const core::Table& table_of<run::SecretSource>() { return MadeTable<run::SecretSource>::get(); }
template <> const core::Table& table_of<run::Setup>() { return MadeTable<run::Setup>::get(); }
template <> const core::Table& table_of<run::Call>() { return MadeTable<run::Call>::get(); }
template <> const core::Table& table_of<run::Undo>() { return MadeTable<run::Undo>::get(); }
template <> const core::Table& table_of<run::Step>() { return MadeTable<run::Step>::get(); }
template <> const core::Table& table_of<run::Rule>() { return MadeTable<run::Rule>::get(); }
template <> const core::Table& table_of<run::Compare>() { return MadeTable<run::Compare>::get(); }
template <> const core::Table& table_of<run::Kayenta>() { return MadeTable<run::Kayenta>::get(); }
template <> const core::Table& table_of<run::PlannedLooks>() { return MadeTable<run::PlannedLooks>::get(); }
template <> const core::Table& table_of<run::Baseline>() { return MadeTable<run::Baseline>::get(); }
template <> const core::Table& table_of<run::Look>() { return MadeTable<run::Look>::get(); }
template <> const core::Table& table_of<run::When>() { return MadeTable<run::When>::get(); }
template <> const core::Table& table_of<run::Duty>() { return MadeTable<run::Duty>::get(); }
template <> const core::Table& table_of<run::Runbook>() { return MadeTable<run::Runbook>::get(); }
// clang-format on

}  // namespace davy::spec
