// The sections and step kinds of a plan as field tables: what is read, the JSON Schema and the reference page all come
// from here. A new option is one line.
#pragma once
#include "plan/plan.h"

namespace davy::plan {

// `2000/s`: an amount per second.
struct PerSecond {
  double value = 0;
  auto operator<=>(const PerSecond&) const = default;
};

struct Expected {
  PerSecond requests;
  Ratio errors{0.001};
};
struct RecordedBaseline {
  std::string recorded;
  Duration ago{}, over = std::chrono::hours(1);
  std::vector<std::string> servers;
  std::string only;
};
struct JudgeSection {
  std::vector<spec::Condition> roll_back, investigate, warn, page, note, dry_run;
  std::vector<run::Look> look;
  std::vector<run::Compare> compare;
  std::map<std::string, RecordedBaseline> baselines;
  std::optional<run::Kayenta> kayenta;
  std::optional<run::PlannedLooks> planned_looks;
  Ratio alpha{0.001}, worse_by{0.25};
  Duration warm_up = std::chrono::seconds(30);
  Expected expect;
};
struct Every {
  Duration every = std::chrono::seconds(1);
};
struct Expect {
  std::vector<spec::Condition> expect;
};

}  // namespace davy::plan

namespace davy::spec {

template <>
struct Leaf<plan::PerSecond> {
  static constexpr std::string_view kNoun = "a rate such as 2000/s or 50/min";
  static std::optional<plan::PerSecond> parse(const Value& v) {
    auto text = scalar_text(v);
    auto c = text ? parse_condition("requests = " + *text) : std::unexpected(ConditionMistake{});
    bool rate = c && c->op == Operator::equal && c->value.unit == Unit::rate && c->held == Duration{} && !c->relative();
    return rate && c->value.value >= 0 ? std::optional(plan::PerSecond{c->value.value}) : std::nullopt;
  }
  static Json print(plan::PerSecond r) { return spec::print(Quantity{r.value, Unit::rate}); }
  static Json schema() { return {{"type", "string"}, {"pattern", R"(^\d+(\.\d+)? ?/(s|min|h)$)"}}; }
};

template <>
inline constexpr auto kWords<plan::Otherwise> = words<plan::Otherwise>(
    {{"hold", plan::Otherwise::hold}, {"close", plan::Otherwise::close}, {"roll-back", plan::Otherwise::roll_back}});

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
    optional("on-trouble", &plan::Common::on_trouble, "what its failure leads to"),
    optional(
        "undo", &plan::Common::undo,
        "the command that takes it back, or `nothing` (there is nothing to take back), or `impossible` (a point of "
        "no return)"),
    optional("repeatable", &plan::Common::repeatable, "the command may safely run twice"),
    optional("name", &plan::Common::name, "what people call it; without it the first line of the command"),
    optional(
        "drain-within", &plan::Common::drain_within,
        "how long open requests may take before they are ended, forward (30s without it) and on the way back (1s)")};
template <>
inline constexpr auto kFields<plan::Expect> = std::tuple{optional(
    "expect", &plan::Expect::expect, "conditions on what the probe found; without them, its own idea of well")};
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
inline constexpr auto kFields<plan::Migrate> =
    std::tuple{required("migrate", &plan::Migrate::text, "the command that changes the data's schema"),
               optional("compatible-with-previous", &plan::Migrate::compatible_with_previous,
                        "the previous release works on the changed schema too; demanded where two versions serve"),
               optional("cwd", &plan::Migrate::cwd,
                        "the directory it, its `status` and its `undo` run in; the plan's own without"),
               optional("status", &plan::Migrate::status,
                        "a command that prints the state that stands; asked before, and told to the undo as "
                        "$schema_before")};
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
               optional("on-trouble", &plan::Phase::on_trouble, "what trouble in this phase leads to")};
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
               optional("expires", &plan::Approve::expires, "how long the approval holds")};

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

// Sections.
template <>
inline constexpr auto kFields<plan::Environment> =
    std::tuple{optional("url", &plan::Environment::url, "where users reach it; ${url} elsewhere"),
               optional("env-file", &plan::Environment::env_file, "a file of NAME=value lines for the commands"),
               optional("timezone", &plan::Environment::timezone, "for times that people read"),
               optional("variables", &plan::Environment::variables, "more ${names}, and variables of the commands")};
template <>
inline constexpr auto kFields<plan::MaintenanceMode> =
    std::tuple{optional("file", &plan::MaintenanceMode::file, "a flag file that the service looks for"),
               optional("router", &plan::MaintenanceMode::router, "the router itself answers 503 with Retry-After"),
               optional("page", &plan::MaintenanceMode::page, "a file with the body of the router's 503")};
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
inline constexpr auto kFields<plan::JudgeSection> = std::tuple{
    optional("roll-back", &plan::JudgeSection::roll_back, "each of these takes the candidate back"),
    optional("investigate", &plan::JudgeSection::investigate, "each of these holds the run for a person"),
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
    optional("expect", &plan::JudgeSection::expect, "the usual traffic: `davy plan` says what a bake can see in it")};

}  // namespace davy::spec
