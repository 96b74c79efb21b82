#include "control/observe.h"

#include <fmt/format.h>

#include <optional>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/interrupts.h"

namespace davy::cli {
namespace {

struct Wanted {
  std::string file = "davy.yaml";
  control::Observing how;
};

void tell(const judge::Decision& d, bool json) {
  if (json)
    fmt::print("{}\n", spec::dump(control::verdict_json(d)));
  else
    fmt::print("{}  {:<12} {}{}{}\n", clock_text(d.at), d.gate, control::verdict_word(d.what),
               d.sentence.empty() ? "" : ": ", printable(d.sentence, true));
  std::fflush(stdout);
}

// Before any verdict: what the lines of a log are taken for. Beside the verdicts, which programs read.
void tell_format(const std::string& signal, const std::string& format) {
  std::fprintf(stderr, "davy: `%s` is read as: %s\n", signal.c_str(), printable(format, true).c_str());
}

void tell_of_webhook(const std::string& why) {
  std::fprintf(stderr, "davy: the webhook was not told: %s\n", printable(why, true).c_str());
}

void cannot_tell(Session& session, const std::string& why) {
  std::fprintf(stderr, "davy: %s\n", why.c_str());
  if (session.common().json)
    fmt::print("{}\n", spec::dump({{"at", session.runs.now().time_since_epoch() / std::chrono::milliseconds(1)},
                                   {"verdict", "cannot tell"},
                                   {"gate", nullptr},
                                   {"why", why}}));
}

int code_of(control::Observed::Verdict verdict) {
  switch (verdict) {
    case control::Observed::Verdict::passed:
      return kDone;
    case control::Observed::Verdict::rolled_back:
      return kRolledBack;
    case control::Observed::Verdict::held:
      return kHeld;
  }
  return kFailed;
}

int observe(Session& session, const Wanted& w) {
  auto loaded = load(w.file, session);
  if (!loaded) return loaded.error();
  std::stop_source asked;
  std::optional<Interrupts> interrupts;
  auto seen = control::observe(session.runs, *loaded, w.how,
                               {.begins = [&] { interrupts.emplace(asked); },
                                .decided = [&](auto& d) { tell(d, session.common().json); },
                                .format = tell_format,
                                .webhook_failed = tell_of_webhook},
                               asked.get_token());
  if (!seen) return complain(seen.error());
  if (!seen->still.empty()) cannot_tell(session, seen->still);
  return code_of(seen->verdict);
}

}  // namespace

void add_observe(Program& p) {
  static Wanted w;
  auto sub = p.command("observe", "Judges a release that something else ships (Actions, Argo, Kamal …)",
                       "davy observe davy.yaml --candidate green --previous blue --for 30m\n\n"
                       "By the signals and rules of a plan; acts on nothing.\n"
                       "Exit 0: all gates passed. 3: roll back. 4: hold, or too little was seen.");
  sub->add_option("PLAN", w.file, "the plan")->capture_default_str();
  sub->add_option("VERSION", w.how.version, "what the candidate is called");
  sub->add_option("--candidate", w.how.candidate,
                  "its servers, or what its label says (`green*` is any that begins so)")
      ->delimiter(',');
  sub->add_option("--previous", w.how.previous, "those of the release beside it")->delimiter(',');
  sub->add_option("--baseline", w.how.baseline, "without --candidate: so long what serves is the previous release");
  sub->add_option("--for", w.how.length, "one watch of this length instead of the plan's bakes");
  sub->add_option("--within", w.how.within, "when to give up for want of data (twice the watches and a minute)");
  sub->add_option("--webhook", w.how.webhook, "URL that each verdict is posted to, as JSON");
  sub->add_option("-t,--to", w.how.environment, "the environment");
  p.runs(sub, [](Session& session) { return observe(session, w); });
}

}  // namespace davy::cli
