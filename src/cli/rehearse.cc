#include <fmt/format.h>

#include "cli/baselines.h"
#include "cli/commands.h"
#include "cli/recording.h"
#include "judge/rehearsal.h"
#include "judge/say.h"
#include "rollout/rollout.h"

namespace davy::cli {
namespace {

using What = judge::Decision::What;

struct Outcome {
  std::vector<judge::Decision> decisions;
  std::string still;
  Time met{};
  std::uint64_t requests = 0;  // the candidate's
  const judge::Decision* last() const {
    for (auto it = decisions.rbegin(); it != decisions.rend(); ++it)
      if (it->what != What::told && it->what != What::met_users) return &*it;
    return nullptr;
  }
};

std::string_view word(What what) {
  switch (what) {
    case What::met_users:
      return "the candidate meets users";
    case What::promoted:
      return "promoted";
    case What::held:
      return "held";
    case What::rolled_back:
      return "rolled back";
    case What::passed:
      return "passed the last gate";
    case What::told:
      return "told";
  }
  return "";
}

Outcome carry_through(const run::Runbook& book, const Recording& recording) {
  judge::Rehearsal rehearsal(judge::setup_of(book), judge::gates_of(book));
  Outcome out;
  for (auto& window : recording.windows) {
    if (rehearsal.over()) break;
    for (auto& subject : book.subjects)
      if (auto own = window.releases.find(subject.candidate.id); own != window.releases.end())
        out.requests += own->second.requests;
    for (auto& d : rehearsal.see(window)) {
      if (d.what == What::met_users) out.met = d.at;
      out.decisions.push_back(std::move(d));
    }
  }
  out.still = rehearsal.still();
  return out;
}

// "Davy would have decided 1m 31s earlier"
std::string compared(const Outcome& o, const Recording& r) {
  if (!r.end) return "how it ended is not recorded";
  if (o.decisions.empty()) return "it was " + r.end->what;
  auto last = o.last();
  auto happened = fmt::format("it was {} after {}", r.end->what, human(std::max(r.end->at - o.met, Duration{})));
  if (!last) return happened + ": this plan would not have decided by then";
  auto sooner = r.end->at - last->at;
  if (last->what == What::rolled_back && !r.end->taken_back)
    return happened + fmt::format(": this plan would have taken it back {} {}", human(abs(sooner)),
                                  sooner >= Duration{} ? "before that" : "after that");
  return happened +
         fmt::format(": this plan decides {} {}", human(abs(sooner)), sooner >= Duration{} ? "earlier" : "later");
}

void print(const Outcome& o, const Recording& r, const std::string& file) {
  auto& subject = r.subjects.front();
  fmt::print("{} through {}, as recorded by {}: {} requests on it\n\n", subject.candidate_name(), file, r.name,
             judge::thousands(o.requests));
  for (auto& d : o.decisions) {
    auto at = d.at == o.met ? "+0s" : "+" + human(std::chrono::floor<std::chrono::milliseconds>(d.at - o.met));
    fmt::print("  {:<11} {:<14} {}{}{}\n", at, printable(d.gate, true), word(d.what), d.sentence.empty() ? "" : ": ",
               printable(d.sentence, true));
  }
  if (!o.still.empty()) fmt::print("  {}\n", printable(o.still, true));
  fmt::print("\n{}\n", compared(o, r));
}

spec::Json to_json(const Outcome& o, const Recording& r) {
  auto iso = [](Time t) { return t.time_since_epoch().count(); };
  spec::Json out{{"recording", r.name}, {"candidate", r.version}, {"requests", o.requests}};
  out["decisions"] = spec::Json::array();
  for (auto& d : o.decisions)
    out["decisions"].push_back({{"at", iso(d.at)},
                                {"after_seconds", seconds(d.at - o.met)},
                                {"gate", d.gate},
                                {"what", word(d.what)},
                                {"why", d.sentence}});
  if (!o.still.empty()) out["still"] = o.still;
  if (r.end) out["happened"] = {{"at", iso(r.end->at)}, {"what", r.end->what}};
  out["compared"] = compared(o, r);
  return out;
}

int exit_of(const Outcome& o) {
  auto last = o.last();
  if (last && last->what == What::rolled_back) return kRolledBack;
  return last && last->what == What::passed ? kDone : kHeld;
}

struct Wanted {
  std::string file = "davy.yaml", recorded, to;
  Sides sides;
  PrometheusRecording prometheus;
};

int rehearse(Session& session, const Wanted& w) {
  auto loaded = load(w.file, session);
  if (!loaded) return loaded.error();
  auto how = w.prometheus;
  how.environment = w.to;
  auto recording = recording_of(session, loaded->plan, w.recorded, w.sides, how);
  if (!recording) return complain(recording.error());
  for (auto& subject : recording->subjects)
    if (subject.service.empty()) subject.service = loaded->plan.services.front().name;
  auto environment = environment_of(loaded->plan, w.to.empty() ? recording->environment : w.to);
  if (!environment) return complain(environment.error());
  auto book = rollout::expand(loaded->plan, {*environment, recording->version, "rehearsal", recording->subjects});
  if (!book) return complain(book.error());
  if (auto filled = complete(session, loaded->plan, *book, recording->windows.front().from, directory_of(*loaded));
      !filled)
    return complain(filled.error());
  auto outcome = carry_through(*book, *recording);
  session.common().json ? print_json(to_json(outcome, *recording)) : print(outcome, *recording, w.file);
  return exit_of(outcome);
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
  sub->add_option("--recorded", w.recorded,
                  "a run of Davy's, a traffic log, or the URL of a Prometheus; without it the newest run");
  sub->add_option(
         "--candidate", w.sides.candidate,
         "the candidate's servers in a log, values of --release-by in Prometheus (`green*`: all that begin so)")
      ->delimiter(',');
  sub->add_option("--previous", w.sides.previous, "those of the release beside it")->delimiter(',');
  add_prometheus_options(sub, w.prometheus);
  sub->add_option("-t,--to", w.to, "the environment; without it the recorded one");
  p.runs(sub, [](Session& session) { return rehearse(session, w); });
}

}  // namespace davy::cli
