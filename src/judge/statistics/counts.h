// "Does the candidate fail more often per request than the previous release?", asked after every window, for days, with
// one bound on the chance of ever answering yes wrongly.
//
// Given the errors of a window, an equal candidate gets each with probability θ, its realised share of the window's
// requests; a candidate that fails r times as often with rθ/(1−θ+rθ). The likelihood ratio
//   Π_t r^{c_t} / (1 − θ_t + rθ_t)^{e_t}          c_t errors of the candidate among e_t
// is a martingale for an equal candidate, whatever the traffic, its split and the common error rate do; so is its mean
// over several r, and by Ville's inequality it ever reaches 1/α with probability at most α. After Lindon & Malek 2022,
// "Anytime-valid inference for multinomial count data" (arXiv 2011.03567), with a grid of ratios in place of their
// Dirichlet prior: direction built in, no k to choose, 1.1 × Wald's bound where theirs needs 1.5–2.
//
// A candidate may also begin to fail after a good day, when the products have sunk too low to rise again in time. So M
// is mixed over the moment τ from which it is worse as well, most weight on the start and the rest spread over
// later moments: Σ_τ p_τ Π_{t≥τ} … is a martingale like its parts, costs one more addition a window, and about 6 more
// errors after two days instead of thousands.
//
// That needs errors that are independent, and they are not: a client that fails, fails again. Two remedies:
//  - Clients known, many of them: count only a client's first error (Tally::error_clients). Which release the FIRST
//    error falls on is fair; once per client and release would not be (it caps the larger release more than the
//    smaller).
//  - Few clients make most of the traffic (a proxy, a load test), or they are unknown: count every error and raise the
//    ratio to the power 1/D, D the measured dispersion (variance over mean of a window's errors, from successive
//    differences so that a drifting rate does not count as dispersion). Bursts of D errors each make this exact.
// Which remedy a window gets is decided by the windows before it and its own requests, never by its errors' split.
#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "base/time.h"
#include "judge/numbers/window.h"
#include "judge/statistics/ratio_mixture.h"

namespace davy::judge {

enum class Sided { candidate_worse, either_worse };  // either: the ratios' inverses too, for shifts such as 4xx

// One release's part of one window.
struct Count {
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;   // every one
  std::uint64_t clients = 0;  // the clients' first ones
  std::uint64_t repeats = 0;  // as in Tally
  bool known = false;         // whether there are clients to count by
};
Count trouble_of(const Tally&);        // 5xx, terminations, redispatches
Count client_errors_of(const Tally&);  // 4xx; clients unknown

// How uneven errors come: 1 for independent ones. Starts from a careful guess, learns from every window, never below 1.
class Dispersion {
 public:
  void see(std::uint64_t errors);
  double value() const;

 private:
  double errors_ = 0, squares_ = 0, last_ = 0;
};

// Whether so few clients make the traffic that counting each once would blind the test.
class Crowd {
 public:
  void see(const Count& candidate, const Count& previous, Duration length);
  bool few() const;

 private:
  double requests_ = 0, repeats_ = 0;
  bool known_ = false;
};

// What would decide, if everything goes on as it went so far.
struct Outlook {
  double errors = 0;  // more of them on the candidate
  Duration time{};
};

class CountTest {
 public:
  CountTest(double alpha, Sided = Sided::candidate_worse);

  // Windows in which one of the two had no request say nothing and change nothing.
  void see(const Count& candidate, const Count& previous, Duration length);
  bool decided() const { return decided_; }  // stays: what was once proven is not taken back
  double evidence() const;                   // M: how many times likelier than for an equal candidate, now
  double bound() const { return 1 / alpha_; }
  double dispersion() const;  // what evidence is deflated by now; 1 where errors are counted by client

  Count candidate() const { return candidate_; }
  Count previous() const { return previous_; }
  double ratio() const;  // of the error rates per request; 0 when the candidate has no errors
  bool by_client() const { return !crowd_.few(); }
  bool from_start() const;  // it was worse all along; false: it became so

  // Nothing when the counts do not point to a difference, or when it is decided.
  std::optional<Outlook> outlook() const;

 private:
  double alpha_;
  RatioMixture mixture_;
  Crowd crowd_;
  std::array<Dispersion, 2> dispersion_;
  Count candidate_, previous_;
  Duration seen_{};
  bool decided_ = false;
};

}  // namespace davy::judge
