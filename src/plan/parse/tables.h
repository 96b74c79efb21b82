// The sections and step kinds of a plan as field tables: what is read, the JSON Schema and the reference page all come
// from them. A new option is one line in tables_of_….cc.
#pragma once
#include <fmt/format.h>

#include "plan/plan.h"

namespace davy::plan {

// `2000/s`: an amount per second.
struct PerSecond {
  double value = 0;
  auto operator<=>(const PerSecond&) const = default;
};

struct SecretFrom {
  std::string command, file, credential;
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
struct ReleasesFrom {
  std::string git, archive, sha256, command;
};
struct ReleasesSection {
  std::string at;
  ReleasesFrom from;
  spec::Value prepare;  // steps
  std::vector<std::string> shared;
  std::int32_t keep = 5;
};
struct JudgeSection {
  std::vector<spec::Condition> roll_back, hold, warn, page, note, dry_run;
  std::vector<run::Look> look;
  std::vector<run::Compare> compare;
  std::map<std::string, RecordedBaseline> baselines;
  std::optional<run::Kayenta> kayenta;
  std::optional<run::PlannedLooks> planned_looks;
  Ratio alpha{0.001}, worse_by{0.25};
  Duration warm_up = std::chrono::seconds(30);
  Expected usual;
};
// `every: 5m`, or by the calendar: `every: day`.
struct Pace {
  Duration beat{};
  std::optional<run::Every> calendar;
};
// `06:00`, in minutes since midnight; below zero: it was not said.
struct TimeOfDay {
  std::int32_t minute = -1;
};
// `mon`, or of a month `1` to `31`; zero: it was not said.
struct DayOf {
  std::int32_t number = 0;
  bool of_week = false;
};
struct WatchSection {
  spec::Value steps;
  std::optional<Duration> after;
  std::vector<run::Look> look;
  Pace every;
  Duration length{};
  DayOf day;
  TimeOfDay at;
  run::Consequence on_trouble = run::Consequence::page;
  std::vector<std::string> only_in;
};
struct Every {
  Duration every = std::chrono::seconds(1);
};
struct Expect {
  std::vector<spec::Condition> expect, degraded;
  std::optional<Duration> within;
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

// A command, a word, or `{ restore: NAME }`.
template <>
struct Leaf<plan::Undo> {
  static constexpr std::string_view kNoun =
      "a command, `nothing`, `impossible`, or `{ restore: NAME }`, a backup of this rollout";
  static std::optional<plan::Undo> parse(const Value& v) {
    if (auto text = scalar_text(v)) return plan::Undo{*text};
    auto restore = v.map() && v.map()->size() == 1 ? v.find("restore") : nullptr;
    auto name = restore ? scalar_text(*restore) : std::nullopt;
    return name && !name->empty() ? std::optional(plan::Undo{.text = {}, .restore = *name}) : std::nullopt;
  }
  static Json print(const plan::Undo& u) { return u.restore.empty() ? Json(u.text) : Json{{"restore", u.restore}}; }
  static Json schema() {
    return {{"anyOf",
             {{{"type", "string"}},
              {{"type", "object"},
               {"properties",
                {{"restore", {{"type", "string"}, {"description", "a backup of this rollout, by its name"}}}}},
               {"required", {"restore"}},
               {"additionalProperties", false}}}}};
  }
};

template <>
struct Leaf<plan::Pace> {
  static constexpr std::string_view kNoun = "a pause such as 5m, or one of `day`, `week`, `month`";
  static std::optional<plan::Pace> parse(const Value& v) {
    auto text = scalar_text(v).value_or("");
    for (auto& [word, each] : kWords<run::Every>)
      if (word == text) return plan::Pace{{}, each};
    auto beat = Leaf<Duration>::parse(v);
    return beat ? std::optional(plan::Pace{*beat, {}}) : std::nullopt;
  }
  static Json print(const plan::Pace& p) {
    return p.calendar ? spec::encode(*p.calendar) : Leaf<Duration>::print(p.beat);
  }
  static Json schema() { return {{"anyOf", Json::array({spec::schema<run::Every>(), spec::schema<Duration>()})}}; }
};
template <>
struct Leaf<plan::TimeOfDay> {
  static constexpr std::string_view kNoun =
      "a time of day such as 06:00; once, so long after the rollout, is `after: 5m`";
  static std::optional<plan::TimeOfDay> parse(const Value& v) {
    auto minute = parse_time_of_day(scalar_text(v).value_or(""));
    return minute ? std::optional(plan::TimeOfDay{*minute}) : std::nullopt;
  }
  static Json print(plan::TimeOfDay t) { return fmt::format("{:02}:{:02}", t.minute / 60, t.minute % 60); }
  static Json schema() { return {{"type", "string"}, {"pattern", R"(^([01]\d|2[0-3]):[0-5]\d$)"}}; }
};
template <>
struct Leaf<plan::DayOf> {
  static constexpr std::string_view kNoun = "a day: `mon` to `sun` of a week, 1 to 31 of a month";
  static std::optional<plan::DayOf> parse(const Value& v) {
    if (auto day = parse_day_of_week(scalar_text(v).value_or(""))) return plan::DayOf{*day, true};
    auto number = Leaf<std::int32_t>::parse(v);
    return number && *number >= 1 && *number <= 31 ? std::optional(plan::DayOf{*number, false}) : std::nullopt;
  }
  static Json print(plan::DayOf d) { return d.number; }
  static Json schema() {
    return {{"anyOf",
             {{{"enum", {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}}},
              {{"type", "integer"}, {"minimum", 1}, {"maximum", 31}}}}};
  }
};

template <>
struct Leaf<plan::Keep> {
  static constexpr std::string_view kNoun = "a number of copies such as 14, or days such as 14d";
  static std::optional<plan::Keep> parse(const Value& v) {
    if (auto copies = Leaf<std::int32_t>::parse(v))
      return *copies > 0 ? std::optional(plan::Keep{*copies}) : std::nullopt;
    auto age = Leaf<Duration>::parse(v);
    return age && *age >= std::chrono::days(1) ? std::optional(plan::Keep{.age = *age}) : std::nullopt;
  }
  static Json print(const plan::Keep& k) { return k.copies > 0 ? Json(k.copies) : Leaf<Duration>::print(k.age); }
  static Json schema() { return {{"anyOf", Json::array({spec::schema<std::int32_t>(), spec::schema<Duration>()})}}; }
};

template <>
inline constexpr auto kWords<plan::Proving> =
    words<plan::Proving>({{"restore", plan::Proving::restore}, {"contents", plan::Proving::contents}});
template <>
inline constexpr auto kWords<plan::CopyFormat> = words<plan::CopyFormat>({{"custom", plan::CopyFormat::custom},
                                                                          {"plain", plan::CopyFormat::plain},
                                                                          {"directory", plan::CopyFormat::directory}});

template <>
inline constexpr auto kWords<plan::Otherwise> = words<plan::Otherwise>(
    {{"hold", plan::Otherwise::hold}, {"close", plan::Otherwise::close}, {"roll-back", plan::Otherwise::roll_back}});

// Their tables: tables_of_steps.cc
template <OneOf<plan::Retry, plan::Common, plan::Expect, plan::Every, plan::Check, plan::Run, plan::Migrate, plan::Wait,
                plan::Start, plan::Stop, plan::Restart, plan::Ship, plan::Maintenance, plan::Drain, plan::Traffic,
                plan::Phase, plan::Canary, plan::Confirm, plan::Approve, plan::Notify, plan::Backup, plan::BlueGreen,
                plan::Rolling>
              T>
inline constexpr bool kApart<T> = true;
// Their tables: tables_of_sections.cc
template <OneOf<plan::Environment, plan::MaintenanceMode, plan::SecretFrom, plan::Expected, plan::RecordedBaseline,
                plan::ReleasesFrom, plan::ReleasesSection, plan::JudgeSection, plan::WatchSection>
              T>
inline constexpr bool kApart<T> = true;

}  // namespace davy::spec
