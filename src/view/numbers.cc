#include "view/numbers.h"

#include <algorithm>

namespace davy::view {
namespace {

using namespace std::chrono_literals;

constexpr Duration kRecent = 10s;
constexpr Duration kStale = 5s;  // no sample for so long: then it is not known what is seen

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

}  // namespace

double share_of(const run::State& s) {
  if (s.way_back_whole && s.exposed_since && *s.way_back_at >= *s.exposed_since) return 0;
  if (run::aside(s)) return 0;
  for (run::StepIx i = 0; i < s.count(); ++i)
    if (s.step(i).undo.call.brings_home() && s.at(i).undone) return 0;
  double share = 0;
  for (run::StepIx i = 0; i < s.count(); ++i) {
    if (!s.at(i).applied || s.at(i).undone || !s.step(i).exposes()) continue;
    share = share_set_by(s.step(i)).value_or(1);
  }
  return share;
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

void add_numbers(RunView& view, Time now) {
  auto until = std::min(now, view.ended.value_or(now));
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
  view.candidate = numbers_of(candidate, length);
  view.before = numbers_of(previous, length);
  if (!view.ended) view.blind = blind(view.windows, now);
}

}  // namespace davy::view
