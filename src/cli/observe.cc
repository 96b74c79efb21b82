#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "cli/baselines.h"
#include "cli/commands.h"
#include "host/observing.h"
#include "judge/rehearsal.h"
#include "rollout/rollout.h"

namespace davy::cli {
namespace {

using What = judge::Decision::What;
constexpr const char *kCandidate = "candidate", *kPrevious = "previous";

struct Wanted {
  std::string file = "davy.yaml", version = kCandidate, environment, webhook, length, baseline, within;
  std::vector<std::string> candidate, previous;  // labels: servers, versions
};

std::string_view word(What what) {
  switch (what) {
    case What::met_users:
      return "the candidate meets users";
    case What::promoted:
      return "pass";
    case What::passed:
      return "pass, to the end";
    case What::held:
      return "investigate";
    case What::rolled_back:
      return "roll back";
    case What::told:
      return "told";
  }
  return "";
}

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
std::map<std::string, std::string> carries(const Wanted& w) {
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

class Observer {
 public:
  Observer(Session& session, const run::Runbook& book, const Wanted& w, std::vector<judge::Gate> gates,
           Duration baseline, Duration within, bool counts_requests)
      : session_(session),
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
      tell(d);
      if (!webhook_.empty()) co_await post(d, outside);
      exit_ = d.what == What::rolled_back ? kRolledBack : d.what == What::held ? kHeld : exit_;
      ended |= d.what == What::rolled_back || d.what == What::held || d.what == What::passed;
      if (d.what == What::passed) exit_ = kDone;
    }
    if (!w.complete)
      gap_ = w.gap;
    else if (!w.away.empty())
      gap_ = w.away.begin()->first + ": " + w.away.begin()->second;
    co_return !ended && w.to - began_ < within_;
  }

  // Before any verdict: what the lines of a log are taken for. Beside the verdicts, which programs read.
  static void tell_format(const std::string& signal, const std::string& format) {
    std::fprintf(stderr, "davy: `%s` is read as: %s\n", signal.c_str(), printable(format, true).c_str());
  }

  int exit() const { return exit_; }
  // Why it ended without a verdict; empty: it did not.
  std::string still() const {
    auto still = rehearsal_.still();
    return still.empty() || gap_.empty() ? still : still + "; " + gap_;
  }

 private:
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

  spec::Json json(const judge::Decision& d) const {
    return {{"at", std::chrono::duration_cast<std::chrono::milliseconds>(d.at.time_since_epoch()).count()},
            {"verdict", word(d.what)},
            {"gate", d.gate},
            {"why", d.sentence}};
  }

  void tell(const judge::Decision& d) const {
    if (session_.common().json)
      fmt::print("{}\n", spec::dump(json(d)));
    else
      fmt::print("{}  {:<12} {}{}{}\n", clock_text(d.at), d.gate, word(d.what), d.sentence.empty() ? "" : ": ",
                 printable(d.sentence, true));
    std::fflush(stdout);
  }

  asio::awaitable<void> post(const judge::Decision& d, ports::Outside& outside) {
    auto sent = co_await outside.http.send({.method = "POST",
                                            .url = webhook_,
                                            .body = spec::dump(json(d)),
                                            .headers = {{"Content-Type", "application/json"}}});
    if (sent && sent->status < 300) co_return;
    auto why = sent ? fmt::format("it answered {}", sent->status) : sent.error().message;
    std::fprintf(stderr, "davy: the webhook was not told: %s\n", printable(why, true).c_str());
  }

  Session& session_;
  bool whole_, counts_requests_;
  Duration baseline_, within_;
  std::string webhook_;
  judge::Rehearsal rehearsal_;
  Time began_{};
  std::uint64_t candidates_ = 0, others_ = 0;  // requests since the last gate
  std::string gap_;                            // of the newest window that had one
  int exit_ = kHeld;
};

Result<std::optional<Duration>> duration_of(const std::string& text, std::string_view what) {
  if (text.empty()) return std::nullopt;
  auto out = spec::decoded<Duration>(spec::text(text), what);
  if (!out) return fail(Code::invalid, fmt::format("--{} {}: not a duration", what, text), "such as 30m");
  return *out;
}

std::vector<run::Subject> subjects_of(const plan::Plan& plan, const Wanted& w) {
  run::Subject out{.service = plan.services.front().name, .candidate = {w.version, kCandidate}};
  // By time nothing serves beside: the previous release is there to be compared with before, not at the same time.
  if (!w.previous.empty()) out.previous = {"the other", kPrevious};
  return {out};
}

int observe(Session& session, const Wanted& w) {
  auto loaded = load(w.file, session);
  if (!loaded) return loaded.error();
  auto environment = environment_of(loaded->plan, w.environment);
  if (!environment) return complain(environment.error());
  auto length = duration_of(w.length, "for"), baseline = duration_of(w.baseline, "baseline"),
       within = duration_of(w.within, "within");
  for (auto given : {&length, &baseline, &within})
    if (!*given) return complain(given->error());
  auto book = rollout::expand(loaded->plan, {*environment, w.version, "observe", subjects_of(loaded->plan, w)});
  if (!book) return complain(book.error());
  if (auto filled = complete(session, loaded->plan, *book, session.now(), directory_of(*loaded)); !filled)
    return complain(filled.error());
  book->setup.carries = carries(w);
  auto all = gates(*book, *length);
  auto before = baseline->value_or(Duration{});
  Observer observer(session, *book, w, all, before, within->value_or(before + patience(all)),
                    counts_requests(loaded->plan));
  auto seen = host::observe(
      session.dir(), *book,
      [&](judge::Window window, ports::Outside& outside) { return observer.see(std::move(window), outside); },
      Observer::tell_format);
  if (!seen) return complain(seen.error());
  if (auto still = observer.still(); !still.empty()) {
    std::fprintf(stderr, "davy: %s\n", still.c_str());
    if (session.common().json)
      fmt::print("{}\n", spec::dump({{"at", session.now().time_since_epoch() / std::chrono::milliseconds(1)},
                                     {"verdict", "cannot tell"},
                                     {"gate", nullptr},
                                     {"why", still}}));
  }
  return observer.exit();
}

}  // namespace

void add_observe(Program& p) {
  static Wanted w;
  auto sub = p.command("observe", "Judges a release that something else ships (Actions, Argo, Kamal …)",
                       "davy observe davy.yaml --candidate green --previous blue --for 30m\n\n"
                       "By the signals and rules of a plan; acts on nothing.\n"
                       "Exit 0: all gates passed. 3: roll back. 4: investigate, or too little was seen.");
  sub->add_option("PLAN", w.file, "the plan")->capture_default_str();
  sub->add_option("VERSION", w.version, "what the candidate is called");
  sub->add_option("--candidate", w.candidate, "its servers, or what its label says (`green*` is any that begins so)")
      ->delimiter(',');
  sub->add_option("--previous", w.previous, "those of the release beside it")->delimiter(',');
  sub->add_option("--baseline", w.baseline, "without --candidate: so long what serves is the previous release");
  sub->add_option("--for", w.length, "one watch of this length instead of the plan's bakes");
  sub->add_option("--within", w.within, "when to give up for want of data (twice the watches and a minute)");
  sub->add_option("--webhook", w.webhook, "URL that each verdict is posted to, as JSON");
  sub->add_option("-t,--to", w.environment, "the environment");
  p.runs(sub, [](Session& session) { return observe(session, w); });
}

}  // namespace davy::cli
