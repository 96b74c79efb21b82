#include "view/numbers.h"

#include <algorithm>

namespace davy::view {
namespace {

using namespace std::chrono_literals;

constexpr Duration kRecent = 10s;
constexpr Duration kStale = 5s;  // no sample for so long: then it is not known what is seen, or how things are

judge::Tally tally_of(const judge::Window& w, const std::vector<run::Subject>& subjects,
                      run::Release run::Subject::* of) {
  judge::Tally out;
  for (auto& s : subjects)
    if (auto found = w.releases.find((s.*of).id); found != w.releases.end() && !(s.*of).none())
      out.merge(found->second);
  return out;
}

// Without the sketches: a day has 86,400 windows, and a screen asks ten times a second.
std::uint64_t requests_of(const judge::Window& w, const std::vector<run::Subject>& subjects,
                          run::Release run::Subject::* of) {
  std::uint64_t out = 0;
  for (auto& s : subjects)
    if (auto found = w.releases.find((s.*of).id); found != w.releases.end() && !(s.*of).none())
      out += found->second.requests;
  return out;
}

std::optional<Numbers> numbers_of(const judge::Tally& t, Duration length) {
  if (t.attempts() == 0 || length <= Duration{}) return {};
  Numbers n{.requests = t.attempts(), .errors = t.trouble()};
  n.requests_per_second = static_cast<double>(t.attempts()) / seconds(length);
  n.error_rate = error_rate(t);
  n.p95_ms = seconds(t.latency.quantile(0.95)) * 1e3;
  return n;
}

std::optional<double> share_set_by(const run::Step& step) {
  if (step.call.port != "router" || step.call.operation != "shift") return {};
  auto share = step.call.args.find("share");
  return share ? spec::decoded<Ratio>(*share, "share").value_or(Ratio{}).value : 0;
}

// By the newest samples in a row of which something is missing.
std::optional<Blind> blind(const std::vector<judge::Window>& windows, Time now) {
  if (windows.empty() || windows.back().complete || windows.back().to < now - kStale) return {};
  auto first = std::ranges::find_if(windows.rbegin(), windows.rend(), &judge::Window::complete).base();
  auto& why = windows.back().gap;
  return Blind{first->from, why.empty() ? "the data have gaps" : why};
}

// What this step gave the candidate, by what came of it: who is to step aside has its users until it has.
std::optional<double> given_by(const run::State& s, const StepView& view) {
  auto& step = s.step(view.step);
  if (!step.exposes() || s.at(view.step).undone) return {};
  auto went = std::ranges::find(view.tries.rbegin(), view.tries.rend(), run::Outcome::ok, &TryView::outcome);
  auto ended_well = [&](run::Way way) { return went != view.tries.rend() && went->ended && went->way == way; };
  if (ended_well(run::Way::aside)) return 0;
  bool given_later = view.step < s.retreat_to && !s.at(view.step).aside;  // a step back that leaves it without users
  if (!s.at(view.step).applied && (given_later || !ended_well(run::Way::apply))) return {};
  return share_set_by(step).value_or(1);
}

// Each service for itself: one may be home while the users of another cannot be moved yet.
double share_of(const run::State& s, const std::vector<StepView>& steps, std::int32_t subject) {
  if (s.way_back_whole && s.exposed_since && *s.way_back_at >= *s.exposed_since) return 0;
  double share = 0;
  for (auto& view : steps) {
    auto& step = s.step(view.step);
    if (step.subject != run::kNone && step.subject != subject) continue;
    if (step.undo.call.brings_home() && s.at(view.step).undone) return 0;
    share = given_by(s, view).value_or(share);
  }
  return share;
}

}  // namespace

std::vector<Share> shares_of(const run::State& s, const std::vector<StepView>& steps) {
  std::vector<Share> out;
  for (std::size_t i = 0; i < s.runbook.subjects.size(); ++i) {
    auto share = share_of(s, steps, static_cast<std::int32_t>(i));
    auto& subject = s.runbook.subjects[i];
    out.push_back({subject.service, share, subject.previous.none() ? 0 : 1 - share});
  }
  return out;
}

void tell_shares(RunView& view, std::vector<Share> shares) {
  view.share = 0;
  for (auto& one : shares) view.share = std::max(view.share, one.candidate);
  view.shares = std::move(shares);
}

judge::Tally candidate_tally(const judge::Window& w, const std::vector<run::Subject>& subjects) {
  return tally_of(w, subjects, &run::Subject::candidate);
}
judge::Tally previous_tally(const judge::Window& w, const std::vector<run::Subject>& subjects) {
  return tally_of(w, subjects, &run::Subject::previous);
}

double error_rate(const judge::Tally& t) {
  return t.attempts() == 0 ? 0 : static_cast<double>(t.trouble()) / static_cast<double>(t.attempts());
}

void take_newest(std::vector<judge::Window> samples, std::vector<judge::Window>& windows) {
  for (auto& one : samples) {
    if (!windows.empty() && windows.back().from == one.from) windows.pop_back();
    windows.push_back(std::move(one));
  }
}

void add_numbers(RunView& view, Time now) {
  auto until = std::min(now, view.ended.value_or(now));
  bool stale = !view.ended && !view.windows.empty() && view.windows.back().to < now - kStale;
  judge::Tally candidate, previous;
  Duration length{};
  for (auto& w : view.windows) {
    auto own = requests_of(w, view.subjects, &run::Subject::candidate);
    auto all = own + requests_of(w, view.subjects, &run::Subject::previous);
    if (all > 0) view.traffic.push_back({w.from, static_cast<double>(own) / static_cast<double>(all)});
    if (w.to <= until - kRecent || w.from > until) continue;
    length += w.length();
    candidate.merge(candidate_tally(w, view.subjects));
    previous.merge(previous_tally(w, view.subjects));
  }
  if (stale) return;  // nobody reads any more: numbers without an age would be taken for those of now
  view.candidate = numbers_of(candidate, length);
  view.before = numbers_of(previous, length);
  if (!view.ended) view.blind = blind(view.windows, now);
}

}  // namespace davy::view
