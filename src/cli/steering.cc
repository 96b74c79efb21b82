// hold, resume, abort, rollback, confirm, approve: a word on the run's desk.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/desk.h"
#include "cli/follow.h"
#include "control/answering.h"
#include "control/steer.h"

namespace davy::cli {
namespace {

using How = control::Steered::How;

int taken_back(Session& session, const control::Steered& heard, bool follows) {
  if (follows) return follow(session, heard.by);
  if (session.common().json)
    print_json({{"run", heard.by}, {"takes_back", heard.run.id}});
  else
    fmt::print("{}\n", heard.by);
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

int held_still(const Session& session, const control::Steered& heard) {
  if (session.common().json)
    print_json({{"run", heard.run.id}, {"asked", "resume"}, {"answer", heard.answer}, {"started_engine", true}});
  else
    fmt::print("{}\n  {}\n", printable(heard.answer), printable(heard.next));
  return kHeld;
}

void goes_on(const Session& session, const control::Steered& heard, const std::string& what, bool follows) {
  if (session.common().json)
    print_answer(
        {{"run", heard.run.id}, {"asked", what}, {"answer", heard.answer}, {"started_engine", heard.started_engine}},
        follows);
  else
    fmt::print("{}\n", heard.answer);
}

void answered(const Session& session, const control::Steered& heard, const std::string& what, const Word& word) {
  if (session.common().json)
    print_answer({{"run", heard.run.id}, {"asked", what}, {"answer", heard.answer}}, word.follow);
  else
    fmt::print("{}{}\n", word.run.empty() ? named(heard.run) : "", printable(heard.answer));
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
  auto heard = control::steer(session.runs, word.run, {what, word.about, word.note, speaker(word.as)});
  if (!heard) return complain(heard.error());
  switch (heard->how) {
    case How::taken_back:
      return taken_back(session, *heard, word.follow);
    case How::held_still:
      return held_still(session, *heard);
    case How::goes_on:
      goes_on(session, *heard, what, word.follow);
      break;
    case How::answered:
      answered(session, *heard, what, word);
  }
  if (heard->in_vain) return kRefused;
  return word.follow ? follow(session, heard->run.id, heard->run.seq) : kDone;
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
  if (follows) sub->footer(kExitCodes);
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

void answer_by_token(Program& p) {
  auto token = std::make_shared<std::string>();
  auto word = std::make_shared<Word>();
  auto sub = p.command("answer", "Confirms or approves what you were asked for, with the token that you were sent",
                       "davy answer TOKEN");
  sub->add_option("TOKEN", *token, "as it stands in the message; it is good for one answer of one person")->required();
  sub->add_option("-m,--note,--why", word->note, "kept with the answer");
  p.runs(sub, [=](Session& session) -> int {
    auto heard = control::answer(session.runs, *token, word->note);
    if (!heard) return complain(heard.error());
    answered(session, *heard, "answer", *word);
    return heard->in_vain ? kRefused : kDone;
  });
}

}  // namespace

void add_answers(Program& p) {
  answer(p, "confirm", "Ticks an item that a run waits for, or says what became of a step",
         "davy confirm RUN team-lead --as team-lead");
  answer(p, "approve", "Gives an approval that a run waits for",
         "davy approve RUN production-owner --as production-owner");
  answer_by_token(p);
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
