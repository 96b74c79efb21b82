// Evidence that no single moment can give: windows are gathered into blocks of 3 s, longer than most pauses and hiccups
// of a process, and a block counts at most e times in favour of a difference, however bad it was. The first pause of
// all has no history to be measured by, and what goes wrong once in an hour is no property of a release. Cutting gains
// leaves a supermartingale, so the bound of ratio_mixture.h holds as it stands.
//
// Where events are known to come in clumps, or nobody can tell their clients apart, a block's evidence is raised to the
// power 1/D as well, D half as much again as the dispersion measured between earlier blocks, from successive
// differences so that a steady difference is no dispersion.
//
// What lasts longer than what was measured is measured by nothing: one client that tries again each few seconds for ten
// minutes is a hundred errors, and looks the same in every stretch of a minute. So where clients cannot be told apart D
// is at least what one such client would make of the time that was seen (Loops), until stretches as long as that have
// been compared. What is proven then is more than one client does, or what several separate stretches say.
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "judge/statistics/ratio_mixture.h"

namespace davy::judge {

// How unevenly the steps of a fair walk come, block by block: measured variance over the one that independent events
// would have. Before anything is known it is the guess; never below 1.
class Clumps {
 public:
  void see(double step, double variance);
  double value(double guess = 3) const;

 private:
  double squares_ = 0, variance_ = 0, last_ = 0, last_variance_ = 0;
  std::uint64_t pairs_ = 0;
  bool begun_ = false;
};

// Bursts may be shorter or longer than a block.
enum class Measured { blocks, bursts };  // bursts: between stretches of 3, 12 and 48 s, the worst of them

// Steps and their variances, block by block; half as much again as the worst dispersion of these stretches.
class Unevenness {
 public:
  explicit Unevenness(Measured);
  void see(double step, double variance);
  double deflation() const;

 private:
  struct Scale {
    int blocks = 1, seen = 0;
    double step = 0, variance = 0;
    Clumps clumps = {};
  };
  std::vector<Scale> scales_;
};

// What one client among strangers may do to a release, that fails again and again: a request each three seconds, but no
// more than three in two hundred of all that the release answers.
class Loops {
 public:
  static constexpr double kEach = 3, kMostOfAll = 0.015, kStretch = 768;  // seconds; of its requests; seconds

  void see(double own_requests, Duration length);
  void see_block(double step, double variance, Duration length);  // measured stretch by stretch
  double errors() const;                                          // that one client made, at the most
  double deflation() const;  // of evidence that was gathered over all that was seen

  // The same, on the whole, of evidence that comes evenly over so long.
  static double deflation(double own_requests_per_second, double seconds);

 private:
  double errors_ = 0, seconds_ = 0;
  double step_ = 0, variance_ = 0, stretch_ = 0;
  Clumps clumps_;
};

// Whether the power 1/D is taken: what is known to be independent needs none.
enum class Events { independent, in_bursts, of_strangers };

class Blocks {
 public:
  static constexpr Duration kLength = std::chrono::seconds(3);
  static constexpr double kMost = 2.72;

  // The grid must outlive this object.
  Blocks(std::span<const double> grid, double floor, Measured);

  void see(std::span<const Split>, Duration length, Events = Events::in_bursts);
  void see(const Split& s, Duration length, Events e = Events::in_bursts) { see(std::span(&s, 1), length, e); }
  // The same where the factors are known, by this grid and floor; not deflated.
  void see(std::span<const Split>, const RatioMixture::Each& log_factors, Duration length, Events);
  bool at_edge() const { return length_ == Duration{}; }  // between two blocks
  double evidence() const;                                // of the open block too
  bool reaches(double bound) const { return mixture_.reaches(bound, open_, kMost); }
  const Loops& loops() const { return loops_; }
  double deflation() const { return unevenness_.deflation(); }  // of short stretches; decided by the blocks before
  bool from_start() const { return mixture_.from_start(); }

  // Blocks like this one that it would take; nothing: more than `most`.
  std::optional<int> until(double evidence, const Split& block, int most) const;

 private:
  double deflation(Events) const;
  void close();

  RatioMixture mixture_;
  // What independent events would vary by: the sum of their own steps squared, or what that is on average for a fair
  // split. The latter takes a candidate that really is worse, at a small share, for a burst without end.
  bool by_steps_;
  Unevenness unevenness_;
  Loops loops_;
  RatioMixture::Each open_{};
  double step_ = 0, variance_ = 0;
  Duration length_{};
};

}  // namespace davy::judge
