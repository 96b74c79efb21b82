#include "view/standing.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "run/going_back.h"
#include "view/words.h"

namespace davy::view {
namespace {

std::string argument(const run::Step& step, std::string_view key) {
  auto value = step.call.args.find(key);
  return value ? spec::scalar_text(*value).value_or("") : "";
}

class Standing {
 public:
  Standing(RunView& v, const run::State& s) : v_(v), s_(s) {}

  void tell() {
    v_.held_about = s_.held_about;
    v_.unknown = s_.mode == run::Mode::held ? s_.unknown : run::kNone;
    v_.closed = run::closed(s_);
    if (!s_.ended && s_.aside_since) stepped_aside();
    if (s_.ended)
      ended();
    else if (s_.mode == run::Mode::held)
      held();
    else if (s_.mode == run::Mode::retreat)
      not_home_yet();
    else
      people();
    v_.next_command = joined(v_.next, "   or   ");
  }

 private:
  void add(const std::string& command, const std::string& more) {
    v_.next.push_back(fmt::format("{} {}{}{}", command, v_.id, more.empty() ? "" : " ", more));
  }

  const run::Step* held_step() const {
    auto it = std::ranges::find(s_.runbook.steps, s_.held_about, &run::Step::path);
    return it == s_.runbook.steps.end() ? nullptr : &*it;
  }

  // Which version serves then only a person can say.
  void ended() {
    if (s_.ended == run::Ending::abandoned || s_.ended == run::Ending::needs_people)
      for (auto& version : {v_.previous, v_.version})
        if (!version.empty()) v_.next.push_back("davy deploy VERSION --serves " + quoted(version));
    add("davy report", "");
  }

  // The first that stands there is the one that goes on as the plan has it.
  void held() {
    if (s_.unknown != run::kNone) {
      add("davy confirm", "done"), add("davy confirm", "not-done");
      if (may_go_back()) go_back();
      return;
    }
    auto step = held_step();
    if (step && step->call.of_person()) add("davy " + step->call.operation, quoted(argument(*step, "who")));
    add("davy resume", "");
    if (step && step->call.port == "bake")
      add("davy promote", "--why WHY");
    else if (!s_.held_about.empty() && (!step || (!step->changes() && step->call.operation != "approve")))
      add("davy waive", quoted(s_.held_about) + " --why WHY");
    may_go_back() ? go_back() : add("davy abort", "");
  }

  // Where it would lose what users wrote, a rollback alone would only ask which of the two is meant.
  void go_back() {
    if (!run::loses_data(s_, 0)) return add("davy rollback", "");
    add("davy rollback", "--data restore"), add("davy rollback", "--data keep");
  }

  bool may_go_back() const {
    return !run::barred(s_) && run::changed(s_) && !s_.runbook.first_release() && s_.after_hold == run::Mode::forward;
  }

  // It is tried on, and whoever looks is told so, with the way out. A try takes as long as the previous release has to
  // become healthy: meanwhile it is said that it is going on, and since when.
  void not_home_yet() {
    for (run::StepIx i = 0; i < s_.count(); ++i) {
      if (!s_.step(i).undo.call.brings_home() || s_.at(i).undone) continue;
      auto& service = s_.runbook.subjects.at(static_cast<std::size_t>(s_.step(i).subject)).service;
      auto shown = std::ranges::find(v_.steps, i, &StepView::step);
      if (s_.at(i).failures > 0) {
        v_.question_or_sentence += fmt::format(". The users of {} cannot be brought home yet: {}. It is tried on",
                                               service, shown == v_.steps.end() ? "it failed" : shown->result);
        if (v_.next.empty()) add("davy abort", "");
      } else if (s_.busy(i) && shown != v_.steps.end()) {
        v_.question_or_sentence += fmt::format(". The users of {} are not home yet: bringing them home began at {}",
                                               service, clock_text(shown->tries.back().started));
      }
    }
  }

  // Users who were given back are there again, though it is not tried again yet.
  void stepped_aside() {
    std::vector<std::string> whose;
    for (auto i : went_aside(s_))
      if (i != run::kNone) whose.push_back(s_.runbook.subjects.at(static_cast<std::size_t>(i)).candidate_name());
    if (whose.empty()) return;
    v_.aside = {.since = *s_.aside_since, .says = fmt::format("{} has no users", joined(whose, ", "))};
    if (s_.mode == run::Mode::held) return void(v_.aside->says += "; while the run is held it is not tried again");
    v_.aside->until = s_.aside_until;
    v_.aside->says += fmt::format(" until {}, then it is tried again", clock_text(*s_.aside_until));
  }

  void people() {
    for (auto& a : s_.open) {
      auto& step = s_.step(a.step);
      if (!step.call.of_person() || a.way != run::Way::apply) continue;
      add("davy " + step.call.operation, quoted(argument(step, asked_once(step) ? "who" : "item")));
      auto whom = step.says.substr(0, step.says.rfind(", within "));  // the hour at which that ends says more
      v_.waits.push_back(fmt::format("{}, until {}", whom, timestamp(a.due)));
    }
  }

  // Where several things are asked of one person, the name alone says nothing.
  bool asked_once(const run::Step& step) const {
    return 1 == std::ranges::count_if(s_.open, [&](auto& a) {
             auto& other = s_.step(a.step);
             return other.call.of_person() && other.call.operation == step.call.operation &&
                    argument(other, "who") == argument(step, "who");
           });
  }

  RunView& v_;
  const run::State& s_;
};

}  // namespace

// Within double quotes a shell still looks for `$`, a backtick and the like: a plan's words are typed as they are.
std::string quoted(const std::string& s) {
  if (s.find_first_of(" \t'\"$`\\&|;<>()*?!~#\n[]{}") == s.npos && !s.empty()) return s;
  if (s.find_first_of("\"$`\\!") == s.npos) return fmt::format("\"{}\"", s);
  std::string out = "'";
  for (char c : s) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

void add_standing(RunView& v, const run::State& s) { Standing(v, s).tell(); }

}  // namespace davy::view
