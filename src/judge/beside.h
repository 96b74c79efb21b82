// Candidate and previous release side by side: all tests that compare the two within the same moments, for one service,
// under one bound on the chance that any of them ever acts wrongly.
//
//  | what                                        | of alpha  | comes to                                            |
//  | errors (errors.h)                           | a half    | users are taken away; then roll back                |
//  | errors while it has all the users (alone.h) | a 20th    | the same                                            |
//  | 4xx, both ways                              | a fifth   | hold what is worse, note what is better      |
//  | what the plan compares, and relative rules  | a quarter | what the plan says                                  |
//  | shares that are not what was asked for      | –         | hold                                         |
//
// What began before the candidate's share last fell counts for nobody; latencies and 4xx of a candidate that is still
// warming up are seen and not counted.
#pragma once
#include <variant>

#include "judge/comparisons.h"
#include "judge/kayenta/kayenta_watch.h"
#include "judge/moments.h"
#include "judge/planned_errors.h"
#include "judge/rules.h"
#include "judge/statistics/alone.h"
#include "judge/statistics/errors.h"
#include "judge/statistics/shares.h"

namespace davy::judge {

// What of alpha each kind of test may spend.
struct Alpha {
  double errors = 0, alone = 0, client_errors = 0, aborts = 0, others = 0;
};
Alpha alpha_of(const Setup&);

class Beside {
 public:
  Beside(const Setup&, const run::Subject&);

  // warm: the candidate has had users for long enough.
  void see(const Window&, bool warm, const Stand&, std::vector<Verdict>&);

  const ErrorTest& errors() const { return errors_; }
  const Alone& alone() const { return alone_; }
  // Whether what a rule says of the candidate is proven to be worse than it is beside: by more than its ratio where it
  // compares both releases; where it has a threshold, at all. Nothing: there is no test for it.
  std::optional<bool> proven(std::size_t rule) const;
  std::string shares_said() const;  // empty: they are as asked for

 private:
  using Proof = std::variant<std::monostate, ErrorTest, QuantileTest, CountTest>;
  std::optional<bool> proven_at_all(const spec::Condition&, const Proof&) const;
  static Proof proof_of(const spec::Condition&, const Alpha&, double of_others);
  void count(const Window&, const Tally& own, const Tally& other, bool warm);
  void drop_pending();
  void say_errors(const Stand&, std::vector<Verdict>&);
  void say_alone(const Stand&, std::vector<Verdict>&);
  void say_client_errors(const Stand&, std::vector<Verdict>&);
  void say_aborts(const Stand&, std::vector<Verdict>&);
  void say_moments(const Stand&, std::vector<Verdict>&);

  run::Subject subject_;
  double least_added_;
  ErrorTest errors_, client_errors_;
  CountTest aborts_;
  Alone alone_;
  Moments moments_;
  std::optional<Comparisons> compared_;
  std::optional<PlannedErrors> planned_;
  std::optional<KayentaWatch> kayenta_;
  std::vector<spec::Condition> conditions_;
  std::vector<Proof> proofs_;  // by rule
  Shares shares_;
  std::optional<Kind> errors_said_, client_errors_said_;
  bool alone_now_ = false;  // all users are to be with the candidate: nothing comes beside that a test could hear of
  bool kayenta_said_ = false, shares_off_said_ = false, alone_said_ = false, aborts_said_ = false,
       moments_said_ = false;
};

// The candidate's and the previous release's part of a window, without what may have begun before `change`. Nothing:
// all of it may.
std::optional<std::pair<Tally, Tally>> since(std::optional<Time> change, const Window&, const run::Subject&);

}  // namespace davy::judge
