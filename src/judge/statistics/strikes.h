// One moment is not a proof. A second in which an instance stood still, a connection pool that was built anew: a
// release may fail a hundred users and be no worse than the one before. A test that multiplies what errors say takes it
// back (63 of 100 equal canaries, where each instance has one such second an hour). One that waits lets users suffer.
//
// So the first proof is a *strike*: users are to be taken away at once, which costs milliseconds. What happened in that
// moment then counts as little as a strike takes, however bad it was, and the candidate is tried again with new
// evidence, from nothing:
//  - trouble again, much surer than before, and of about that size: it is the release;
//  - trouble ten times as bad: that is another moment, and another strike;
//  - it fails far more seldom than in its bad moment, also once what hangs would have ended: that was a moment. The
//  strike is forgotten, but for one thing:
//    the next needs one trial more to be believed, since this release has such moments.
// A release that did well for a while before its first strike needs one trial more, too. Where instances have a bad
// second now and then, those of both releases alike, a second one falls on the trial as often as trials last: in 7 of
// 1,000 hours at one each 10 min. One that failed as badly from its first request on would have had to come in such
// a second as well.
// A moment ends when the candidate has been without users for 5 s, or, where nobody takes them away, after 3 s; after a
// minute where clients cannot be told apart, since a burst of one of them may last for half a minute.
//
// With strikes that need evidence 1/p and trials 1/q, p·q ≤ α: a candidate that is no worse comes to a strike with
// probability p at most, and from there through a trial with q at most; those that failed before begin anew, each after
// a strike that had p again. So it is ever decided with probability pq(1 + p + p² + …) at most.
#pragma once
#include <deque>
#include <span>

#include "judge/statistics/counts.h"

namespace davy::judge {

class Strikes {
 public:
  static constexpr Duration kMoment = std::chrono::seconds(3), kAway = std::chrono::seconds(5);
  static constexpr Duration kLongMoment = std::chrono::minutes(1);  // of bursts and of what others cause

  // The candidate answered several requests, and none well. That is no burst of a client among others', and a strike
  // need not wait for a second window, which may hold hundreds.
  static bool nothing_well(const Counted&);

  // The grid must outlive this object.
  Strikes(std::span<const double> grid, double floor, double alpha);

  // What came in a window, whether it was compared or not: how long the moment lasts goes by it. True: a trial began
  // with it, so nothing from before may be compared any more. moment: how long one lasts where users stay.
  bool pass(std::uint64_t own_requests, Duration length, Duration moment = kMoment);
  // What was compared, by the same grid and floor; its factors are deflated here.
  void see(const Counted&);

  enum class Phase { watching, moment, trial };
  Phase phase() const { return phase_; }
  int strikes() const { return strikes_; }  // so far: one more means that users are to be taken away
  int forgotten() const { return forgotten_; }
  bool decided() const { return decided_; }
  double recent_rate() const;                    // of the candidate's latest few errors
  const Split& tried() const { return tried_; }  // of the latest trial; goes on when it is decided
  double bound_of_strike() const { return strike_; }
  double bound_of_trial() const { return trial_; }

 private:
  struct Recent {
    double errors = 0, requests_before = 0;
  };
  struct Run {
    double errors = 0, requests = 0;
    double rate() const { return errors / requests; }
    double stands_out_of(double rate) const;  // log likelihood ratio
  };
  void remember(const Counted&);
  Run latest() const;
  bool did_well_before() const;
  void strike();
  void try_again();

  std::span<const double> grid_;
  double floor_, strike_, trial_;
  RatioMixture mixture_;
  Phase phase_ = Phase::watching;
  std::deque<Recent> recent_;         // the windows of the candidate's latest errors
  double requests_ = 0, errors_ = 0;  // the candidate's, compared
  double bad_rate_ = 0;               // in the moment of the strike
  bool was_good_ = false;             // before it
  Split tried_;
  Duration with_users_{}, without_{};
  Duration errors_took_{}, tried_for_{};  // the longest of the candidate's errors; the trial so far
  int strikes_ = 0, forgotten_ = 0, believed_ = 0;
  bool decided_ = false;
};

}  // namespace davy::judge
