#include "control/observe.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "control/recorded/baselines.h"
#include "host/observing.h"
#include "rollout/rollout.h"

namespace davy::control {
namespace {

using What = judge::Decision::What;
constexpr const char *kCandidate = "candidate", *kPrevious = "previous";

// The gates of the plan, or one as long as was asked for, which asks what the last of the plan does that asks anything.
std::vector<judge::Gate> gates(const run::Runbook& book, const std::optional<Duration>& length) {
  auto out = judge::gates_of(book);
  if (!length && !out.empty()) return out;
  auto asks = std::ranges::find_if(out.rbegin(), out.rend(), [](auto& gate) { return !gate.pass.empty(); });
  auto pass = asks == out.rend() ? std::vector<spec::Condition>{} : asks->pass;
  out = {{"watch", length.value_or(std::chrono::minutes(10)), std::move(pass)}};
  return out;
}

// "canary/25%" is a quarter; nothing: the gate says no share.
std::optional<double> share_of(std::string_view gate) {
  auto last = gate.substr(gate.rfind('/') + 1);
  double percent = 0;
  if (!last.ends_with('%')) return {};
  auto [stop, error] = std::from_chars(last.data(), last.data() + last.size() - 1, percent);
  return error == std::errc{} && percent > 0 ? std::optional(percent / 100) : std::nullopt;
}

// Only time with data counts, and a source that stays away must not keep a pipeline for ever: as a bake of a run.
Duration patience(const std::vector<judge::Gate>& gates) {
  Duration out = std::chrono::minutes(1);
  for (auto& gate : gates) out += 2 * gate.bake;
  return out;
}

// Which labels are which release; without any the whole service is the candidate, from when the baseline was taken.
std::map<std::string, std::string> carries(const Observing& w) {
  std::map<std::string, std::string> out;
  for (auto& label : w.candidate) out[label] = kCandidate;
  for (auto& label : w.previous) out[label] = kPrevious;
  return out;
}

// Whether any signal of the plan counts requests; without one nobody sees a user come.
bool counts_requests(const plan::Plan& plan) {
  return std::ranges::any_of(
      plan.signals, [](auto& signal) { return std::ranges::find(signal.gives, "requests") != signal.gives.end(); });
}

class Watcher {
 public:
  Watcher(const run::Runbook& book, const Observing& w, const Observer& observer, std::vector<judge::Gate> gates,
          Duration baseline, Duration within, bool counts_requests)
      : observer_(observer),
        whole_(w.candidate.empty()),
        counts_requests_(counts_requests),
        baseline_(baseline),
        within_(within),
        webhook_(w.webhook),
        rehearsal_(judge::setup_of(book), std::move(gates)) {}

  asio::awaitable<bool> see(judge::Window w, ports::Outside& outside) {
    if (began_ == Time{}) began_ = w.from;
    if (!counts_requests_) w.releases[whole_ ? "" : kCandidate];  // it is watched from the beginning
    if (whole_) call_by_time(w);
    bool ended = false;
    for (auto& [release, tally] : w.releases)
      if (!judge::is_of_signal(release)) (release == kCandidate ? candidates_ : others_) += tally.requests;
    for (auto& d : rehearsal_.see(w)) {
      say_share(d);
      observer_.decided(d);
      if (!webhook_.empty()) co_await post(d, outside);
      if (d.what == What::rolled_back || d.what == What::held || d.what == What::passed) take(d.what), ended = true;
    }
    if (!w.complete)
      gap_ = w.gap;
    else if (!w.away.empty())
      gap_ = w.away.begin()->first + ": " + w.away.begin()->second;
    co_return !ended && w.to - began_ < within_;
  }

  Observed end() const {
    auto still = rehearsal_.still();
    return {verdict_, still.empty() || gap_.empty() ? still : still + "; " + gap_};
  }

 private:
  void take(What what) {
    verdict_ = what == What::passed        ? Observed::Verdict::passed
               : what == What::rolled_back ? Observed::Verdict::rolled_back
                                           : Observed::Verdict::held;
  }

  // What the service did before is the baseline of what it does now.
  void call_by_time(judge::Window& w) const {
    auto now = w.to - began_ > baseline_ ? kCandidate : kPrevious;
    auto whole = w.releases.extract("");
    if (whole.empty()) return;
    whole.key() = now;
    w.releases.insert(std::move(whole));
  }

  // Whoever routes here may give the candidate other shares than the plan's phases, and a phase that was passed with
  // few of the users was not seen as the plan means it. Counts begin anew with each phase.
  void say_share(judge::Decision& d) {
    if (whole_ || (d.what != What::promoted && d.what != What::passed)) return;
    double all = static_cast<double>(candidates_ + others_),
           share = all > 0 ? static_cast<double>(candidates_) / all : 1;
    auto asked = share_of(d.gate);
    if (asked && (share < *asked / 2 || share > *asked * 2))
      d.sentence +=
          fmt::format("; it met {:.2g}% of the requests, where the plan gives it {:g}%", share * 100, *asked * 100);
    candidates_ = others_ = 0;
  }

  asio::awaitable<void> post(const judge::Decision& d, ports::Outside& outside) {
    auto sent = co_await outside.http.send({.method = "POST",
                                            .url = webhook_,
                                            .body = spec::dump(verdict_json(d)),
                                            .headers = {{"Content-Type", "application/json"}}});
    if (sent && sent->status < 300) co_return;
    observer_.webhook_failed(sent ? fmt::format("it answered {}", sent->status) : sent.error().message);
  }

  const Observer& observer_;
  bool whole_, counts_requests_;
  Duration baseline_, within_;
  std::string webhook_;
  judge::Rehearsal rehearsal_;
  Time began_{};
  std::uint64_t candidates_ = 0, others_ = 0;  // requests since the last gate
  std::string gap_;                            // of the newest window that had one
  Observed::Verdict verdict_ = Observed::Verdict::held;
};

Result<std::optional<Duration>> duration_of(const std::string& text, std::string_view what) {
  if (text.empty()) return std::nullopt;
  auto out = spec::decoded<Duration>(spec::text(text), what);
  if (!out) return fail(Code::invalid, fmt::format("--{} {}: not a duration", what, text), "such as 30m");
  return *out;
}

std::vector<run::Subject> subjects_of(const plan::Plan& plan, const Observing& w) {
  run::Subject out{.service = plan.services.front().name, .candidate = {w.version, kCandidate}};
  // By time nothing serves beside: the previous release is there to be compared with before, not at the same time.
  if (!w.previous.empty()) out.previous = {"the other", kPrevious};
  return {out};
}

}  // namespace

std::string_view verdict_word(What what) {
  switch (what) {
    case What::met_users:
      return "the candidate meets users";
    case What::promoted:
      return "pass";
    case What::passed:
      return "pass, to the end";
    case What::held:
      return "hold";
    case What::rolled_back:
      return "roll back";
    case What::told:
      return "told";
  }
  return "";
}

spec::Json verdict_json(const judge::Decision& d) {
  return {{"at", std::chrono::duration_cast<std::chrono::milliseconds>(d.at.time_since_epoch()).count()},
          {"verdict", verdict_word(d.what)},
          {"gate", d.gate},
          {"why", d.sentence}};
}

Result<Observed> observe(Runs& runs, const PlanFile& plan, const Observing& w, const Observer& observer,
                         std::stop_token stop) {
  auto environment = environment_of(plan.plan, w.environment);
  if (!environment) return std::unexpected(environment.error());
  auto length = duration_of(w.length, "for"), baseline = duration_of(w.baseline, "baseline"),
       within = duration_of(w.within, "within");
  for (auto given : {&length, &baseline, &within})
    if (!*given) return std::unexpected(given->error());
  auto book = rollout::expand(plan.plan, {*environment, w.version, "observe", subjects_of(plan.plan, w)});
  if (!book) return std::unexpected(book.error());
  if (auto filled = complete(runs, plan.plan, *book, runs.now(), directory_of(plan)); !filled)
    return std::unexpected(filled.error());
  book->setup.carries = carries(w);
  auto all = gates(*book, *length);
  auto before = baseline->value_or(Duration{});
  Watcher watcher(*book, w, observer, all, before, within->value_or(before + patience(all)),
                  counts_requests(plan.plan));
  observer.begins();
  auto seen = host::observe(
      runs.dir(), *book,
      [&](judge::Window window, ports::Outside& outside) { return watcher.see(std::move(window), outside); },
      observer.format, std::move(stop));
  if (!seen) return std::unexpected(seen.error());
  return watcher.end();
}

}  // namespace davy::control
