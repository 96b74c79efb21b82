#include "judge/baselines.h"

#include <fmt/format.h>

#include <algorithm>

namespace davy::judge {
namespace {

constexpr std::string_view kDefault = "baseline", kPrevious = "previous", kBefore = "before";

}  // namespace

void Condensed::see(const Window& w) {
  if (!w.complete) return;
  if (!all_) all_ = Window{.from = w.from, .to = w.to};
  all_->to = w.to;
  for (auto& [release, tally] : w.releases) all_->releases[release].merge(tally);
  for (auto& [series, values] : w.counts)
    for (auto& [release, count] : values) all_->counts[series][release] += count;
  for (auto& [series, values] : w.shown)
    for (auto& [release, patterns] : values) all_->shown[series][release].insert(patterns.begin(), patterns.end());
  for (auto& [series, values] : w.numbers)
    for (auto& [release, value] : values) gauges_[{series, release}].see(value);
}

std::optional<Window> Condensed::window() const {
  auto out = all_;
  for (auto& [key, gauge] : gauges_) out->numbers[key.first][key.second] = gauge.mean();
  return out;
}

std::vector<Window> condensed(std::span<const Window> windows, Duration over) {
  std::vector<Window> out;
  Condensed now;
  auto close = [&] {
    if (auto one = std::exchange(now, {}).window()) out.push_back(*std::move(one));
  };
  for (Time until{}; auto& w : windows) {
    if (until == Time{}) until = w.from + over;
    if (over > Duration{} && w.from >= until) {
      close();
      until += (w.from - until) / over * over + over;
    }
    now.see(w);
  }
  close();
  return out;
}

Window as_service(const Window& w) {
  Window out{.from = w.from, .to = w.to};
  for (auto& [_, tally] : w.releases) out.releases[""].merge(tally);
  for (auto& [series, values] : w.counts)
    for (auto& [_, count] : values) out.counts[series][""] += count;
  for (auto& [series, values] : w.numbers) {
    Gauge all;
    for (auto& [_, value] : values) all.see(value);
    out.numbers[series][""] = all.mean();
  }
  return out;
}

void take_minute_of(const run::Subject& s, const Window& minute, Window& before) {
  auto own = [&](const std::string& release) {
    return release == s.candidate.id || release == s.previous.id || release.starts_with(s.service + "@");
  };
  auto take = [&](auto& into, auto& from) {
    std::erase_if(into, [&](auto& entry) { return own(entry.first); });
    for (auto& [release, value] : from)
      if (own(release)) into[release] = value;
  };
  auto take_each = [&](auto& into, auto& from) {
    for (auto& [series, by_release] : from) take(into[series], by_release);
  };
  take(before.releases, minute.releases);
  take_each(before.numbers, minute.numbers);
  take_each(before.counts, minute.counts);
}

const Window* Recorded::at(Time now) const {
  if (ago == Duration{}) return stretches.empty() ? nullptr : &stretches.front();
  auto then = now - ago;
  auto found = std::ranges::find_if(stretches, [&](auto& w) { return w.from <= then && then < w.to; });
  return found == stretches.end() ? nullptr : &*found;
}

bool may_be_beside(const spec::Condition& c) {
  return !c.relative() || c.baseline == kDefault || c.baseline == kPrevious;
}

const Window* Baselines::find(const spec::Condition& c, Time now) const {
  if (c.baseline == kPrevious) return nullptr;
  if (may_be_beside(c) || c.baseline == kBefore) return before ? &*before : nullptr;
  auto named = recorded.find(c.baseline);
  return named == recorded.end() ? nullptr : named->second.at(now);
}

std::string Baselines::lacking(const spec::Condition& c) const {
  if (c.baseline == kPrevious) return "no previous release beside it";
  if (may_be_beside(c)) return "no baseline";
  if (c.baseline == kBefore) return "nothing from before the run";
  auto named = recorded.find(c.baseline);
  if (named == recorded.end() || named->second.ago == Duration{}) return "nothing recorded as " + c.baseline;
  return fmt::format("nothing recorded {} ago", human(named->second.ago));
}

Result<Recorded> recorded_of(const run::Baseline& given) {
  Recorded out{.ago = given.ago};
  for (auto& text : given.stretches) {
    auto window = decode(text);
    if (!window) return std::unexpected(window.error());
    out.stretches.push_back(*std::move(window));
  }
  return out;
}

Baselines baselines_of(const run::Runbook& book) {
  Baselines out;
  for (auto& one : book.baselines) out.recorded[one.name] = recorded_of(one).value_or(Recorded{.ago = one.ago});
  return out;
}

std::string baseline_said(const spec::Condition& c, const run::Runbook& book) {
  auto named = std::ranges::find(book.baselines, c.baseline, &run::Baseline::name);
  if (named != book.baselines.end())
    return fmt::format("{}{}{}", named->name,
                       named->ago > Duration{} ? fmt::format(", {} before", human(named->ago)) : "",
                       named->recorded.empty() ? "" : ", as recorded in " + named->recorded);
  constexpr std::string_view kMinute = "the minute before the candidate's first user";
  bool first = book.first_release();
  if (c.baseline == kBefore || (first && c.baseline != kPrevious)) return std::string(kMinute);
  if (first) return "nothing: there is no previous release";
  auto beside = book.subjects.size() == 1 ? book.subjects.front().previous_name() : "the previous releases";
  return c.baseline == kPrevious ? beside + " beside it" : fmt::format("{} beside it, else {}", beside, kMinute);
}

}  // namespace davy::judge
