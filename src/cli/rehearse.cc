#include "control/rehearse.h"

#include <fmt/format.h>

#include "cli/commands.h"
#include "judge/say.h"

namespace davy::cli {
namespace {

using What = judge::Decision::What;

void print(const control::Rehearsed& o, const std::string& file) {
  auto& r = o.recording;
  auto& subject = r.subjects.front();
  fmt::print("{} through {}, as recorded by {}: {} requests on it\n\n", subject.candidate_name(), file, r.name,
             judge::thousands(o.requests));
  for (auto& d : o.decisions) {
    auto at = d.at == o.met ? "+0s" : "+" + human(std::chrono::floor<std::chrono::milliseconds>(d.at - o.met));
    fmt::print("  {:<11} {:<14} {}{}{}\n", at, printable(d.gate, true), control::decision_word(d.what),
               d.sentence.empty() ? "" : ": ", printable(d.sentence, true));
  }
  if (!o.still.empty()) fmt::print("  {}\n", printable(o.still, true));
  fmt::print("\n{}\n", o.compared());
}

int code_of(const control::Rehearsed& o) {
  auto last = o.last();
  if (last && last->what == What::rolled_back) return kRolledBack;
  return last && last->what == What::passed ? kDone : kHeld;
}

struct Wanted {
  std::string file = "davy.yaml";
  control::Rehearsing how;
};

int rehearse(Session& session, const Wanted& w) {
  auto loaded = load(w.file, session);
  if (!loaded) return loaded.error();
  auto outcome = control::rehearse(session.runs, *loaded, w.how);
  if (!outcome) return complain(outcome.error());
  session.common().json ? print_json(to_json(*outcome)) : print(*outcome, w.file);
  return code_of(*outcome);
}

}  // namespace

void add_rehearse(Program& p) {
  static Wanted w;
  auto sub = p.command("rehearse", "Carries a recorded deployment through a plan's gates",
                       "davy rehearse davy.yaml --recorded 20261121-113042-k3f\n"
                       "  davy rehearse davy.yaml --recorded access.log --candidate green --previous blue\n"
                       "  davy rehearse davy.yaml --recorded http://prometheus:9090 --since 2h --candidate 1.4.2 "
                       "--previous 1.4.1\n\n"
                       "When would this plan have promoted, held or taken back?\n"
                       "Exit 0: it passes all gates. 3: taken back. 4: held, or the recording is too short.");
  sub->add_option("PLAN", w.file, "the plan")->capture_default_str();
  sub->add_option("--recorded", w.how.recorded,
                  "a run of Davy's, a traffic log, or the URL of a Prometheus; without it the newest run");
  sub->add_option(
         "--candidate", w.how.sides.candidate,
         "the candidate's servers in a log, values of --release-by in Prometheus (`green*`: all that begin so)")
      ->delimiter(',');
  sub->add_option("--previous", w.how.sides.previous, "those of the release beside it")->delimiter(',');
  add_prometheus_options(sub, w.how.prometheus);
  sub->add_option("-t,--to", w.how.environment, "the environment; without it the recorded one");
  p.runs(sub, [](Session& session) { return rehearse(session, w); });
}

}  // namespace davy::cli
