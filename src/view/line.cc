// One plain line for each event that a person in a pipe would want to read.
#include <fmt/format.h>

#include "view/ink.h"
#include "view/words.h"

namespace davy::view {
namespace {

using run::Outcome;
using run::Way;

class Saying {
 public:
  Saying(const run::State& before, Time at) : s_(before), at_(at) {}

  std::string operator()(const run::Started& e) const {
    auto& book = e.runbook;
    auto from = book.subjects.empty() ? "" : book.subjects.front().previous.version;
    return fmt::format("run started by {}: {} {}{} in {}, {} steps", e.who.name(), services(book.subjects),
                       from.empty() ? "" : from + " → ", book.version, book.environment, book.steps.size());
  }
  // Steps of a moment need no line for their beginning; one that may take long does.
  std::string operator()(const run::AttemptStarted& e) const {
    if (!known(e.step) || e.only_looked) return "";
    auto& step = s_.step(e.step);
    bool person = step.call.port == "person" && e.way == Way::apply;
    if (step.expected < std::chrono::seconds(1) && !person && step.call.port != "command") return "";
    return fmt::format("{}  {}", subject(e.step, e.way),
                       person ? "waits: " + step.says : "begins: " + doing(step, e.way));
  }
  std::string operator()(const run::AttemptEnded& e) const {
    auto attempt = s_.find(e.id);
    auto head = attempt ? subject(attempt->step, attempt->way) : "an attempt";
    auto length = attempt ? took(attempt->started, at_) : "";
    auto verb = e.outcome == Outcome::ok ? "ok" : e.outcome == Outcome::cancelled ? "stopped" : word(e.outcome);
    auto preposition = e.outcome == Outcome::ok ? "in" : "after";
    auto out = length.empty() ? fmt::format("{}  {}", head, verb)
                              : fmt::format("{}  {} {} {}", head, verb, preposition, length);
    if (attempt && tried_again(*attempt, e.outcome)) out += ", to be tried again";
    return e.says.empty() ? out : out + "  " + e.says;
  }
  std::string operator()(const run::TimedOut& e) const {
    auto attempt = s_.find(e.id);
    if (!attempt) return "";
    return fmt::format("{}  time is over ({}), it is ended", subject(attempt->step, attempt->way),
                       human(s_.step(attempt->step).timeout));
  }
  std::string operator()(const run::Waived& e) const {
    return fmt::format("{} waives {}{}: {}", e.who.name(), e.about, e.until ? " until " + timestamp(*e.until) : "",
                       e.why);
  }
  std::string operator()(const run::Lapsed& e) const {
    return fmt::format("nobody waives {} any more: it is judged again", e.about);
  }
  std::string operator()(const run::Promoted& e) const {
    return fmt::format("{} promotes{}{}", e.who.name(), e.all ? " through all bakes" : "",
                       e.why.empty() ? "" : ": " + e.why);
  }
  std::string operator()(const run::Expired& e) const {
    return known(e.step)
               ? fmt::format("{}  is too old to go on with: it is asked for again", subject(e.step, Way::apply))
               : "";
  }
  std::string operator()(const run::Skipped& e) const {
    return known(e.step) ? fmt::format("{}  skipped: {}", subject(e.step, Way::apply), e.why) : "";
  }
  std::string operator()(const run::GaveUp& e) const {
    return known(e.step) ? fmt::format("{}  cannot be taken back, what stands before it is", subject(e.step, Way::undo))
                         : "";
  }
  std::string operator()(const run::VerdictGiven& e) const {
    if (e.then == run::Consequence::note) return "note: " + e.sentence;
    return fmt::format("verdict: {}: {}", e.then == run::Consequence::roll_back ? "roll back" : word(e.then),
                       e.sentence);
  }
  std::string operator()(const run::SteppedAside& e) const {
    return fmt::format("stepping aside: the candidate has no users until {}, then it is tried again",
                       clock_text(e.until));
  }
  std::string operator()(const run::TriedOut&) const { return "nothing was found when it was tried again"; }
  std::string operator()(const run::GivenBack& e) const { return e.why + ": the candidate has its users back"; }
  std::string operator()(const run::RetreatBegan& e) const {
    constexpr int kEnough = 80;  // the verdict or the failure stands in full one line above
    return fmt::format("{}: {}", e.to > 0 ? "stepping back" : "rolling back", cut(clean(e.why), kEnough));
  }
  std::string operator()(const run::Held& e) const { return "held: " + e.question; }
  std::string operator()(const run::Released& e) const { return "goes on, says " + e.who.name(); }
  std::string operator()(const run::Settled& e) const {
    return fmt::format("{}  was {}, says {}", known(e.step) ? subject(e.step, Way::apply) : "a step",
                       e.done ? "done" : "not done", e.who.name());
  }
  std::string operator()(const run::Heard& e) const {
    return fmt::format("{} asks to {}{}: {}", e.who.name(), asked_to(e), e.note.empty() ? "" : " (" + e.note + ")",
                       e.answer);
  }
  std::string operator()(const run::WayBackTaken& e) const {
    return fmt::format("the keeper {} the way back at {}: {}", e.whole ? "took" : "began", clock_text(e.at), e.says);
  }
  std::string operator()(const run::Closing& e) const { return fmt::format("ending as {}: {}", word(e.as), e.why); }
  std::string operator()(const run::Ended& e) const { return fmt::format("{}: {}", word(e.how), e.sentence); }
  std::string operator()(const run::Claimed&) const { return ""; }
  std::string operator()(const run::Watched&) const { return ""; }

 private:
  bool known(run::StepIx i) const { return i >= 0 && i < s_.count(); }
  std::string subject(run::StepIx i, Way way) const {
    auto undo = way == Way::undo && !retreat_only(s_.step(i));
    return (undo ? "undo " : way == Way::aside ? "aside " : "") + std::string(short_path(s_.step(i).path));
  }
  std::string doing(const run::Step& s, Way way) const {
    return way == Way::undo    ? undo_in_words(s_.runbook, s)
           : way == Way::aside ? "take its users away for a while"
                               : s.says;
  }
  bool tried_again(const run::Attempt& a, Outcome outcome) const {
    auto& step = s_.step(a.step);
    bool may = outcome == Outcome::failed || (outcome == Outcome::unknown && step.repeatable);
    if (a.way == Way::aside) return may && s_.mode != run::Mode::retreat;
    return may && a.way == Way::apply && s_.mode == run::Mode::forward && s_.at(a.step).failures + 1 < step.tries;
  }

  const run::State& s_;
  Time at_;
};

}  // namespace

std::string line(const TimedEvent& e, const run::State& before, const Look& look) {
  auto said = std::visit(Saying(before, e.at), e.event);
  if (said.empty()) return "";
  auto plain = look;
  plain.width = 1 << 20;  // a pipe has no width: whoever reads it cuts
  return Ink(plain).add(clock_text(e.at) + " " + said).str();
}

std::string EventLines::next(const TimedEvent& e) {
  if (!fits(state_, e.event)) return "";
  auto said = line(e, state_, look_);
  run::fold(state_, e.event, e.at);
  return said;
}

}  // namespace davy::view
