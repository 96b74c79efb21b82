// hold, resume, abort, rollback, confirm, approve: a word on the run's desk.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/desk.h"
#include "cli/drive.h"

namespace davy::cli {
namespace {

// The engine's answer says whether the word changed anything.
bool in_vain(const std::string& answer) {
  for (auto start :
       {"nothing", "nobody", "no step", "not understood", "first say", "say ", "it ends", "the run has ended"})
    if (answer.starts_with(start)) return true;
  return false;
}

// What was done already is taken back by a run of its own.
int take_back(Session& session, const ports::RunInfo& done, const Word& word) {
  auto data = word.about == "restore" ? run::Data::restore
              : word.about == "keep"  ? run::Data::keep
                                      : run::Data::untouched;
  auto run = take_back(session, done, speaker(word.as), word.note, data);
  if (!run) return complain(run.error());
  if (word.follow) return follow(session, *run);
  if (session.common().json)
    print_json({{"run", *run}, {"takes_back", done.id}});
  else
    fmt::print("{}\n", *run);
  return kDetached;
}

// What is followed by events is a line, as each of them is.
void print_answer(const spec::Json& answer, bool follows) {
  if (follows)
    fmt::print("{}\n", spec::dump(answer));
  else
    print_json(answer);
}

// Whoever named no run is told which it was.
std::string named(const ports::RunInfo& run) {
  return fmt::format("run {}, {} {} to {}: ", run.id, joined(run.services, ", "), printable(run.version),
                     run.environment);
}

int held_still(Session& session, const view::RunView& view) {
  auto said = "nobody drove this run: an engine was started, and it is held: " + view.question_or_sentence;
  if (session.common().json)
    return print_json({{"run", view.id}, {"asked", "resume"}, {"answer", said}, {"started_engine", true}}), kHeld;
  fmt::print("{}\n  {}\n", printable(said), printable(view.next_command));
  return kHeld;
}

// A run that nobody drives is driven on by whoever says anything; who only wanted that has it already.
std::optional<int> drive_on(Session& session, const ports::RunInfo& run, const std::string& what, bool follows) {
  auto driven = see_that_it_is_driven(session, run.id);
  if (!driven) return complain(driven.error());
  auto view = session.view(run.id);
  if (!view) return complain(view.error());
  // Whoever wanted a driver has not answered what it is held for.
  if (what == "resume" && view->mode == run::Mode::held && *driven) return held_still(session, *view);
  bool goes_on = what == "resume" && view->mode != run::Mode::held && *driven;
  bool goes_back = what != "resume" && view->mode == run::Mode::retreat;
  if (!goes_on && !goes_back) return {};
  auto said = *driven ? "nobody drove this run: an engine was started, and it goes on" : "it is rolling back already";
  if (session.common().json)
    print_answer({{"run", run.id}, {"asked", what}, {"answer", said}, {"started_engine", *driven}}, follows);
  else
    fmt::print("{}\n", said);
  return follows ? follow(session, run.id) : kDone;
}

Error has_ended(const ports::RunInfo& run) {
  Error out{Code::refused, fmt::format("run {} has ended: {}", run.id, run.sentence)};
  if (run.ending == "abandoned" || run.ending == "needs people")
    out.hint =
        fmt::format("look at what serves; then `davy deploy VERSION --serves VERSION`, or --serves {}", run.version);
  return out;
}

}  // namespace

std::shared_ptr<std::vector<std::string>> run_and_item(CLI::App* sub, const std::string& item,
                                                       const std::string& does) {
  auto words = std::make_shared<std::vector<std::string>>();
  sub->add_option(item, *words, does + "; before it the RUN, where several are open")->required()->expected(1, 2);
  return words;
}

void take(const std::vector<std::string>& words, Word& word) {
  word.about = words.back();
  if (words.size() > 1) word.run = words.front();
}

int put(Session& session, const std::string& what, const Word& word) {
  auto run = session.run(word.run);
  if (!run) return complain(run.error());
  if (what == "rollback" && run->ending == "done") return take_back(session, *run, word);
  if (run->ended) return complain(has_ended(*run));
  if (what == "resume" || what == "rollback" || what == "replace")
    if (auto over = drive_on(session, *run, what, word.follow)) return *over;
  auto answer = ask(session, run->id, what, word.about, word.note, word.as);
  if (!answer) return complain(answer.error());
  if (session.common().json)
    print_answer({{"run", run->id}, {"asked", what}, {"answer", *answer}}, word.follow);
  else
    fmt::print("{}{}\n", word.run.empty() ? named(*run) : "", printable(*answer));
  if (in_vain(*answer)) return kRefused;
  return word.follow ? follow(session, run->id) : kDone;
}

namespace {

void steer(Program& p, const std::string& name, const std::string& does, const std::string& example, bool follows) {
  auto word = std::make_shared<Word>();
  auto detach = std::make_shared<bool>(false);
  auto sub = p.command(name, does, example);
  sub->add_option("RUN", word->run,
                  name == "rollback" ? "the run; without it the only open one, else the newest"
                                     : "the run; without it the only open one");
  sub->add_option("-m,--note,--why", word->note, "why, for the record");
  sub->add_option("--as", word->as, "on whose behalf, as claimed");
  if (follows) sub->add_flag("-d,--detach", *detach, "do not follow it to its end");
  if (name == "rollback")
    sub->add_option("--data", word->about,
                    "where going back would lose what users wrote: `restore` loses it, `keep` leaves the data as it is")
        ->check(CLI::IsMember({"restore", "keep"}));
  p.runs(sub, [=](Session& session) {
    word->follow = follows && !*detach;
    return put(session, name, *word);
  });
}

void answer(Program& p, const std::string& name, const std::string& does, const std::string& example) {
  auto word = std::make_shared<Word>();
  auto sub = p.command(name, does, example);
  auto words =
      run_and_item(sub, "ITEM",
                   name == "confirm" ? "the item or person, as the run names it; or done / not-done for a step "
                                       "whose end nobody saw"
                                     : "the item or role, as the run names it");
  sub->add_option("-m,--note,--why", word->note, "kept with the answer");
  sub->add_option("--as", word->as, "the role you answer in, recorded as claimed");
  p.runs(sub, [=](Session& session) {
    take(*words, *word);
    bool settles = name == "confirm" && (word->about == "done" || word->about == "not-done");
    return put(session, settles ? "settle" : name, *word);
  });
}

}  // namespace

void add_answers(Program& p) {
  answer(p, "confirm", "Ticks an item that a run waits for, or says what became of a step",
         "davy confirm RUN team-lead --as team-lead");
  answer(p, "approve", "Gives an approval that a run waits for",
         "davy approve RUN production-owner --as production-owner");
}

void add_steering(Program& p) {
  steer(p, "hold", "Starts no new step until somebody says resume; judging goes on",
        "davy hold --note \"looking at the database\"", false);
  steer(p, "resume", "Goes on with a held run, also after everything was killed", "davy resume RUN", true);
  steer(p, "abort", "Ends a run and leaves all as it stands", "davy abort RUN --note \"by hand from here\"", false);
  steer(p, "rollback", "Takes a run back, newest step first: an open one, or one that was done",
        "davy rollback\n\nWithout RUN: the only open run, else the newest.", true);
}

}  // namespace davy::cli
