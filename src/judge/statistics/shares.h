// Who gets how many of the users, and is that what was asked for?
//
// A release whose health check flaps, or whose log lines are lost, has fewer users than it was given, and is promoted
// because it had none (the "sample ratio mismatch" of those who compare by experiments). The test is the count test's,
// in blocks, on new clients; on requests where clients are seen to meet both releases, or are unknown: a few who stay
// and ask often are a large part of the traffic. Off by a fifth of the share is no news.
//
// After a step down the candidate still answers what was asked of it when it had more users: time-outs that began then
// end now and accuse it. So whoever compares must know when the shares last fell.
#pragma once
#include <optional>

#include "judge/statistics/blocks.h"
#include "judge/statistics/counts.h"

namespace davy::judge {

class Shares {
 public:
  Shares();

  // asked: the candidate's share of both, where it is known. True: the shares changed with this window.
  bool see(const Count& candidate, const Count& previous, std::optional<double> asked, Time from, Time to);

  std::optional<Time> fell() const { return fell_; }  // the candidate's share, for the last time
  bool off() const;                                   // it is another than was asked for, proven, and still is
  double realised() const;                            // of the last minute
  std::optional<double> asked() const { return asked_; }

 private:
  bool by_newcomers() const { return crowd_.known() && !crowd_.moves(); }
  bool stepped(const Count& candidate, const Count& previous, Time from, Time to);

  std::optional<double> asked_;
  std::optional<Time> fell_;
  Blocks test_;
  Crowd crowd_;
  Duration since_change_{};
  double own_ = 0, all_ = 0;              // of the last minute
  double usual_own_ = 0, usual_all_ = 0;  // before the stretch that is looked at, where nobody says what was asked
  double stretch_own_ = 0, stretch_all_ = 0;
  Time stretch_from_{};
  bool proven_ = false;
};

}  // namespace davy::judge
