// The section `judge`: what is judged, by what, and against what.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "plan/parse/sections.h"
#include "plan/yaml/yaml_text.h"

namespace davy::plan {
namespace {

constexpr std::string_view kConsequences[] = {"roll-back", "hold", "page", "warn", "note", "dry-run"};

void take_rules(Judging& judge, std::vector<spec::Condition>& conditions, run::Consequence then) {
  for (auto& c : conditions) judge.rules.push_back({std::move(c), then});
}

// The same condition with two consequences is a plan that contradicts itself.
void check_rules(Reader& r, const spec::Value& v) {
  std::set<std::string> seen;
  for (auto& entry : *v.map()) {
    if (std::ranges::find(kConsequences, entry.key) == std::end(kConsequences)) continue;
    check_judged(r, entry.value);
    auto see = [&](const spec::Value& one) {
      auto text = spec::scalar_text(one).value_or("");
      auto parsed = spec::parse_condition(text);
      if (parsed && !seen.insert(parsed->text).second)
        r.d.add(one.mark, "the rule " + ticked(parsed->text) + " again", "it once, under its strongest consequence");
    };
    if (auto list = entry.value.list())
      for (auto& item : *list) see(item);
    else
      see(entry.value);
  }
}

// The name of a series, which stands in no condition.
std::optional<std::string> series_in(Reader& r, const std::string& name, spec::Mark at) {
  if (auto c = spec::parse_series(name)) return c->series;
  r.d.add(at, fmt::format("{} as a series", ticked(name)), "its name, such as latency.p95 or memory");
  return {};
}

void check_compared(Reader& r, const run::Compare& one, spec::Mark at) {
  if (auto series = series_in(r, one.series, at))
    r.later([&r, series = *series, at] { check_compared_series(r, series, at); });
}

void check_baselines(Reader& r, const spec::Value& v, const std::map<std::string, RecordedBaseline>& all) {
  for (auto& [name, mark, value] : *v.map()) {
    check_name("a baseline", name, mark, r.d);
    if (name == "baseline" || name == "previous" || name == "before")
      r.d.add(mark, fmt::format("a baseline called {}, which has a meaning already", ticked(name)), "another name");
    auto one = all.find(name);
    if (one == all.end()) continue;
    if (one->second.recorded.starts_with("http") && one->second.ago == Duration{})
      r.d.add(value.mark, "a Prometheus without `ago`", "which time is meant, such as `ago: 1d`");
    if (one->second.ago > Duration{} && one->second.over <= Duration{})
      r.d.add(value.mark, "a stretch without length", "`over: 1h`, or another length");
  }
}

void check_kayenta(Reader& r, const spec::Value& v, const run::Kayenta& k) {
  if (k.every < std::chrono::seconds(1)) r.d.add(v.mark, "a value every " + human(k.every), "1s or more");
  if (k.interval < k.every) r.d.add(v.mark, "an interval shorter than `every`", "several values in each interval");
  for (auto& [metric, name] : k.metrics)
    if (auto series = series_in(r, name, v.mark))
      r.later([&r, series = *series, at = v.mark] { check_measured(r, series, at); });
}

void check_planned_looks(Reader& r, const spec::Value& v, const run::PlannedLooks& p) {
  if (p.looks < 1 || p.looks > 100) r.d.add(v.mark, fmt::format("{} looks", p.looks), "1 to 100 of them");
  if (p.every <= Duration{}) r.d.add(v.mark, "looks without a pause", "`every: 15m`, or another length");
  if (p.alpha <= Ratio{0} || p.alpha >= Ratio{0.5})
    r.d.add(v.mark, "an alpha of " + human(p.alpha), "a share between 0% and 50%, such as 1%");
}

// Only the last stretch may go on to the end, or those behind it would never begin.
void check_looks(Reader& r, const spec::Value& v, const std::vector<run::Look>& looks) {
  for (std::size_t i = 0; i < looks.size(); ++i) {
    if (looks[i].every < std::chrono::milliseconds(100))
      r.d.add(v.mark, "a look every " + human(looks[i].every), "100ms or more");
    if (looks[i].length <= Duration{} && i + 1 < looks.size())
      r.d.add(v.mark, "a look without `for` before another one", "`for` beside each `every` but the last");
  }
}

// What stands beside the rules.
void check_others(Reader& r, const spec::Value& v, const JudgeSection& section) {
  if (section.alpha <= Ratio{0} || section.alpha >= Ratio{0.5})
    r.d.add(v.find("alpha")->mark, "an alpha of " + human(section.alpha), "a share between 0% and 50%, such as 1%");
  if (section.worse_by < Ratio{0} || section.worse_by > Ratio{10})
    r.d.add(v.find("worse-by")->mark, "errors worse by " + human(section.worse_by), "0% to 1000%, such as 25%");
  if (section.warm_up < Duration{} || section.warm_up > std::chrono::hours(24))
    r.d.add(v.find("warm-up")->mark, "a warm-up of " + human(section.warm_up), "0s to 24h, such as 30s");
  if (auto look = v.find("look")) check_looks(r, *look, section.look);
  for (auto& one : section.compare) check_compared(r, one, v.find("compare")->mark);
  if (auto given = v.find("baselines")) check_baselines(r, *given, section.baselines);
  if (section.kayenta) check_kayenta(r, *v.find("kayenta"), *section.kayenta);
  if (section.planned_looks) check_planned_looks(r, *v.find("planned-looks"), *section.planned_looks);
}

std::vector<run::Baseline> baselines_in(std::map<std::string, RecordedBaseline>& given) {
  std::vector<run::Baseline> out;
  for (auto& [name, one] : given)
    out.push_back({name,
                   std::move(one.recorded),
                   one.ago,
                   one.ago > Duration{} ? one.over : Duration{},
                   std::move(one.servers),
                   std::move(one.only),
                   {}});
  return out;
}

}  // namespace

void read_judge(Reader& r, const spec::Value& v) {
  JudgeSection section;
  bool ok = read(r, v, section);
  if (v.map()) check_rules(r, v);
  if (!ok) return;
  check_others(r, v, section);
  auto& judge = r.plan.judge;
  take_rules(judge, section.roll_back, run::Consequence::roll_back);
  take_rules(judge, section.hold, run::Consequence::hold);
  take_rules(judge, section.page, run::Consequence::page);
  take_rules(judge, section.warn, run::Consequence::warn);
  take_rules(judge, section.note, run::Consequence::note);
  for (auto& c : section.dry_run) judge.rules.push_back({std::move(c), run::Consequence::roll_back, true});
  judge.looks = std::move(section.look);
  judge.compare = std::move(section.compare);
  judge.baselines = baselines_in(section.baselines);
  judge.kayenta = std::move(section.kayenta);
  judge.planned_looks = section.planned_looks;
  judge.alpha = section.alpha, judge.worse_by = section.worse_by, judge.warm_up = section.warm_up;
  judge.expected_rate = section.usual.requests.value;
  judge.expected_errors = section.usual.errors;
}

}  // namespace davy::plan
