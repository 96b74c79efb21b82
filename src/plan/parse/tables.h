// The sections and step kinds of a plan as field tables: what is read, the JSON Schema and the reference page all come
// from them. A new option is one line in tables_of_….cc.
#pragma once
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
                plan::JudgeSection>
              T>
inline constexpr bool kApart<T> = true;

}  // namespace davy::spec
