// waive, promote: a person knows, and says so on the record.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/desk.h"
#include "control/recorded/moment.h"

namespace davy::cli {
namespace {

// `2h` is a time from now on, unlike everywhere else, where it is one before.
Result<std::string> waive_until(const std::string& text, Time now) {
  if (text.empty()) return std::string("waive");
  if (auto length = spec::decoded<Duration>(spec::text(text), "--until"))
    return "waive until " + timestamp(now + *length);
  auto time = control::moment(text, "--until", {}, now);
  if (!time) return std::unexpected(time.error());
  return "waive until " + timestamp(**time);
}

void add_common(CLI::App* sub, Word& word) {
  sub->add_option("--why,-m,--note", word.note, "for the record")->required();
  sub->add_option("--as", word.as, "on whose behalf, as claimed");
}

void add_waive(Program& p) {
  static Word word;
  static std::string until;
  auto sub = p.command("waive", "Says that a rule, a check or a person stands in a run's way no more",
                       "davy waive RUN latency.p95 --why \"the new index is cold\" --until 2h");
  auto words = run_and_item(sub, "ITEM-OR-RULE", "what, as the run names it, or a part of it");
  sub->add_option("--until", until, "for how long (2h), or until when; without it: to the run's end");
  add_common(sub, word);
  p.runs(sub, [words](Session& session) -> int {
    take(*words, word);
    auto what = waive_until(until, session.runs.now());
    if (!what) return complain(what.error());
    return put(session, *what, word);
  });
}

void add_promote(Program& p) {
  static Word word;
  static bool all = false;
  auto sub =
      p.command("promote", "Ends the bake that goes on; rules go on judging", "davy promote --why \"checked by hand\"");
  sub->add_option("RUN", word.run, "the run; without it the only open one");
  sub->add_flag("--all", all, "this bake and those to come");
  add_common(sub, word);
  p.runs(sub, [](Session& session) {
    if (all) word.about = "all";
    return put(session, "promote", word);
  });
}

}  // namespace

void add_ways_out(Program& p) {
  add_waive(p);
  add_promote(p);
}

}  // namespace davy::cli
