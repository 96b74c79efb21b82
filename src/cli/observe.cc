#include <fmt/format.h>

#include "base/text.h"
#include "cli/commands.h"
#include "host/observing.h"
#include "judge/rehearsal.h"
#include "rollout/rollout.h"

namespace davy::cli {
namespace {

using What = judge::Decision::What;
constexpr const char *kCandidate = "candidate", *kPrevious = "previous";

struct Wanted {
  std::string file = "davy.yaml", version = kCandidate, environment, webhook, length, baseline;
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

// The gates of the plan, or one as long as was asked for.
std::vector<judge::Gate> gates(const run::Runbook& book, const std::optional<Duration>& length) {
  auto out = judge::gates_of(book);
  if (length || out.empty()) out = {{"watch", length.value_or(std::chrono::minutes(10)), {}}};
  return out;
}

// Which labels are which release; without any the whole service is the candidate, from when the baseline was taken.
spec::Value carries(const Wanted& w) {
  spec::Map out;
  for (auto& label : w.candidate) out.push_back({label, {}, spec::text(kCandidate)});
  for (auto& label : w.previous) out.push_back({label, {}, spec::text(kPrevious)});
  return spec::object(std::move(out));
}

class Observer {
 public:
  Observer(Session& session, const run::Runbook& book, const Wanted& w, std::vector<judge::Gate> gates,
           Duration baseline)
      : session_(session),
        whole_(w.candidate.empty()),
        baseline_(baseline),
        webhook_(w.webhook),
        rehearsal_({.subjects = book.subjects,
                    .rules = book.rules,
                    .compare = book.compare,
                    .looks = book.looks,
                    .alpha = book.alpha},
                   std::move(gates)) {}

  asio::awaitable<bool> see(judge::Window w, ports::Outside& outside) {
    if (began_ == Time{}) began_ = w.from;
    if (whole_) call_by_time(w);
    bool ended = false;
    for (auto& d : rehearsal_.see(w)) {
      tell(d);
      if (!webhook_.empty()) co_await post(d, outside);
      exit_ = d.what == What::rolled_back ? kRolledBack : d.what == What::held ? kHeld : exit_;
      ended |= d.what == What::rolled_back || d.what == What::held || d.what == What::passed;
      if (d.what == What::passed) exit_ = kDone;
    }
    co_return !ended;
  }

  int exit() const { return exit_; }
  std::string still() const { return rehearsal_.still(); }

 private:
  // What the service did before is the baseline of what it does now.
  void call_by_time(judge::Window& w) const {
    auto now = w.to - began_ > baseline_ ? kCandidate : kPrevious;
    auto whole = w.releases.extract("");
    if (whole.empty()) return;
    whole.key() = now;
    w.releases.insert(std::move(whole));
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

  static std::string clock_text(Time t) {
    auto day = std::chrono::floor<std::chrono::seconds>(t.time_since_epoch()).count() % 86'400;
    return fmt::format("{:02}:{:02}:{:02}", day / 3600, day / 60 % 60, day % 60);
  }

  Session& session_;
  bool whole_;
  Duration baseline_;
  std::string webhook_;
  judge::Rehearsal rehearsal_;
  Time began_{};
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
  auto length = duration_of(w.length, "for"), baseline = duration_of(w.baseline, "baseline");
  if (!length || !baseline) return complain(length ? baseline.error() : length.error());
  auto book = rollout::expand(loaded->plan, {*environment, w.version, "observe", subjects_of(loaded->plan, w)});
  if (!book) return complain(book.error());
  std::get<spec::Map>(book->setup.is).push_back({"carries", {}, carries(w)});
  Observer observer(session, *book, w, gates(*book, *length), baseline->value_or(Duration{}));
  auto seen = host::observe(session.dir(), *book, [&](judge::Window window, ports::Outside& outside) {
    return observer.see(std::move(window), outside);
  });
  if (!seen) return complain(seen.error());
  if (auto still = observer.still(); !still.empty()) std::fprintf(stderr, "davy: %s\n", still.c_str());
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
  sub->add_option("--webhook", w.webhook, "URL that each verdict is posted to, as JSON");
  sub->add_option("-t,--to", w.environment, "the environment");
  p.runs(sub, [](Session& session) { return observe(session, w); });
}

}  // namespace davy::cli
