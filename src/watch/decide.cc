// What is heard becomes events: the only place where Davy makes up its mind about a watch.
#include <fmt/format.h>

#include <algorithm>

#include "watch/state.h"

namespace davy::watch {
namespace {

using run::Consequence;

struct Deciding {
  const State& s;
  Time now;
  const Zone& zone;
  std::vector<Event> out;

  const run::Duty& duty(DutyIx i) const { return s.book.watch.at(static_cast<std::size_t>(i)); }
  const DutyState& at(DutyIx i) const { return s.duties.at(static_cast<std::size_t>(i)); }

  void operator()(const Took& in) { out.push_back(in.claim); }

  void operator()(const Begins& in) {
    if (at(in.duty).open) return;
    out.push_back(LookBegan{s.looks_begun + 1, in.duty, in.due});
  }

  void operator()(const Finished& in) {
    if (in.id == 0 ? in.due.last <= at(in.duty).done_to : !at(in.duty).open || at(in.duty).open->id != in.id) return;
    if (in.due.times > 1) out.push_back(Missed{in.duty, in.due.first, in.due.last, in.due.times - 1, why_missed(in)});
    out.push_back(Looked{in.duty, in.due.last, 1, in.seen, in.says, in.items, in.took, in.id});
    for (auto& name : in.told) out.push_back(Told{name});
    // What could not be looked at is no reason to take users' release away: people are called.
    if (in.seen == Seen::failed && duty(in.duty).then == Consequence::roll_back)
      go_back(fmt::format("{}: {}", duty(in.duty).name, in.says));
    if (in.seen == Seen::well) let_be(in.duty, "", duty(in.duty).name + " is well again");
    end_where_nothing_is_left(in.duty, in.due.last);
  }

  void operator()(const Alarm& in) {
    if (in.holds && s.alarms.contains(in.rule) && in.then == Consequence::roll_back) return go_back(in.says);
    if (in.holds == s.alarms.contains(in.rule)) return;
    if (!in.holds) {
      out.push_back(AlarmOver{in.rule, in.says});
      return let_be(-1, in.rule, in.rule + " is over: " + in.says);
    }
    out.push_back(AlarmBegan{in.rule, in.then, in.says});
    if (in.then == Consequence::roll_back) go_back(in.says);
  }

  void operator()(const CannotGoBack& in) {
    if (s.back_wanted) out.push_back(BackRefused{in.says});
  }
  void operator()(const Tick&) {
    if (s.back_wanted && !in_window(s, now)) out.push_back(BackNotWanted{"its rollback window is over"});
    for (auto& [rule, firing] : s.alarms)
      if (now - firing.told_at >= kTellAgain) out.push_back(AlarmGoesOn{rule});
  }

 private:
  // A look takes longer than its beat, or nobody was there.
  std::string why_missed(const Finished& in) const {
    if (in.due.first < s.claimed_at)
      return "nobody kept this watch then: `davy serve` did not run, or a run was under way";
    return "the look before was not over, or `davy serve` stood still";
  }

  void go_back(std::string why) {
    if (in_window(s, now) && !s.back_wanted && s.backs < kMostWaysBack) out.push_back(BackWanted{std::move(why)});
  }

  // Nothing else asks for it: who could not go back yet need not any more.
  void let_be(DutyIx well, const std::string& over, std::string why) {
    if (!s.back_wanted) return;
    for (auto& [rule, firing] : s.alarms)
      if (rule != over && firing.then == Consequence::roll_back) return;
    for (DutyIx i = 0; i < std::ssize(s.duties); ++i)
      if (i != well && duty(i).then == Consequence::roll_back && at(i).last && at(i).last->seen == Seen::failed) return;
    out.push_back(BackNotWanted{std::move(why)});
  }

  // Rules hold for good; a watch without them is over when nothing is due any more.
  void end_where_nothing_is_left(DutyIx done, Time to) {
    if (!s.book.rules.empty() || s.back_wanted) return;
    for (auto& e : out)
      if (std::holds_alternative<BackWanted>(e)) return;
    for (DutyIx i = 0; i < std::ssize(s.duties); ++i) {
      if (!belongs(s, i)) continue;
      auto from = i == done ? std::max(to, at(i).done_to) : at(i).done_to;
      if ((i != done && at(i).open) || next_due(duty(i).when, s.since, from, zone)) return;
    }
    out.push_back(Over{"all that was due was looked at"});
  }
};

}  // namespace

std::vector<Event> decide(const State& s, const Input& in, Time now, const Zone& zone) {
  if (s.over) return {};
  Deciding deciding{s, now, zone, {}};
  std::visit(deciding, in);
  return std::move(deciding.out);
}

}  // namespace davy::watch
