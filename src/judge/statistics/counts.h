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
//  - Few clients make most of the traffic (a proxy, a load test), most requests are of clients whose first error is
//    behind them (they would blind the test for an hour), or clients are unknown: count every error and raise the
//    ratio to the power 1/D, D the measured dispersion (variance over mean of a window's errors, from successive
//    differences so that a drifting rate does not count as dispersion), and let no window count more than ten times in
//    favour of a difference: the first burst has no history.
// Which remedy a window gets is decided by the windows before it and its own requests, never by its errors.
//
// Where clients stay on the release they first met (a cookie, a hash of their address), it is clients who are sent at
// random, not requests. Their errors are counted once each, and θ is the candidate's share of the clients who come now:
// of visits, each the first request of a client in some seconds. Not of all clients so far: when the shares step, a
// hash sends old ones elsewhere at once, and a share of 5 % then 25 % took back every third equal candidate.
//
// Endpoints fail at rates of their own, and a candidate that happens to get more of the harder ones would look worse
// (Simpson's paradox). So releases are compared within endpoints, each gathered by itself and with a share of its own;
// the factors are multiplied, which is a martingale as before.
//
// This is the test as the papers have it: right where its assumptions hold. What decides about a release asks for more
// (errors.h).
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "judge/numbers/window.h"
#include "judge/statistics/ratio_mixture.h"
#include "judge/statistics/strata.h"

namespace davy::judge {

// One release's part of one window.
struct Count {
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;                             // every one
  std::uint64_t clients = 0;                            // the clients' first ones
  std::uint64_t repeats = 0;                            // as in Tally
  bool known = false;                                   // whether there are clients to count by
  std::uint64_t newcomers = 0, returns = 0, moved = 0;  // as in Tally
  std::uint64_t spent = 0;                              // requests of clients whose first error is behind them
  Duration errors_took{};                               // the longest of them, at most; below 2 s it is not told
  struct Part {
    std::uint64_t requests = 0, errors = 0, clients = 0;
    std::uint64_t count() const { return requests; }
    void merge(const Part& p) { requests += p.requests, errors += p.errors, clients += p.clients; }
  };
  std::map<std::string, Part> endpoints = {};  // as in Tally: of all those, what many ask for
};
Count trouble_of(const Tally&);        // 5xx, terminations, redispatches
Count client_errors_of(const Tally&);  // 4xx
Count aborts_of(const Tally&);         // clients unknown

// Rate ratios that are looked for, as multiples of what is no news. Both ways: their inverses, too.
enum class Sided { candidate_worse, either_worse };
std::span<const double> rate_ratios(Sided);

// How uneven errors come: 1 for independent ones. Starts from a careful guess, learns from every window, never below 1.
class Dispersion {
 public:
  void see(std::uint64_t errors);
  double value() const;

 private:
  double errors_ = 0, squares_ = 0, last_ = 0;
};

// How clients meet the releases: whether so few of them make the traffic, or so many have failed once already, that
// counting each once would blind the test; and whether they stay where they are.
class Crowd {
 public:
  void see(const Count& candidate, const Count& previous, Duration length);
  bool known() const { return known_; }
  bool few() const;     // or unknown, or spent
  bool sticky() const;  // those who came back met another server far more seldom than by chance
  bool moves() const;   // they met another one about as often
  // Of the clients who came of late, the candidate's share; nothing: too few to say. Who asks each ten seconds comes
  // each time, and need not be who fails, so it is the share of those who never came before where that is larger.
  std::optional<double> share_of_clients() const;
  void forget_share() { own_visits_ = visits_ = own_new_ = new_ = 0; }  // it is another one now

 private:
  double requests_ = 0, repeats_ = 0, spent_ = 0;
  double moves_ = 0, by_chance_ = 0;
  double own_visits_ = 0, visits_ = 0, own_new_ = 0, new_ = 0;
  bool known_ = false;
};

// What would decide, if everything goes on as it went so far.
struct Outlook {
  double errors = 0;  // more of them on the candidate
  Duration time{};
};

// What gathered windows came to, for whoever judges by the same numbers in another way.
struct Counted {
  Split split;               // of all endpoints together
  std::vector<Split> parts;  // of each: what is compared
  double deflation = 1;
  Duration length{};
  double own_requests = 0, other_requests = 0;
  Duration errors_took{};               // of the candidate, the longest
  RatioMixture::Each log_factors = {};  // of the parts, as the test's grid and floor have it; not deflated
};

// The rate ratio that so many events on each side exceed with probability 99.9 %; `deflation` of them are worth one.
double ratio_surely(const Split&, double deflation);

class CountTest {
 public:
  // worse_by: ratios up to 1 + worse_by are no news.
  explicit CountTest(double alpha, Sided = Sided::candidate_worse, double worse_by = 0);

  // Null while it gathers. What it points to is the caller's until the next call.
  Counted* see(const Count& candidate, const Count& previous, Duration length);
  void drop_pending();                       // the shares changed: what waits for the other side was of other shares
  bool decided() const { return decided_; }  // stays: what was once proven is not taken back
  double evidence() const;                   // M: how many times likelier than for an equal candidate, now
  double bound() const { return 1 / alpha_; }
  double dispersion() const;  // what evidence is deflated by now; 1 where errors are counted by client

  Count candidate() const { return candidate_; }  // all that was seen, compared yet or not
  Count previous() const { return previous_; }
  Split errors() const;         // of all that was seen, as they are counted: by client or one by one
  double ratio() const;         // of the error rates per request; 0 when the candidate has no errors
  double ratio_surely() const;  // the largest that is exceeded with probability 99.9 %
  bool by_client() const { return !crowd_.few(); }
  // Nobody tells one client from many: errors that are not counted by client, of clients who stay or are unknown. Those
  // who are sent anew with each request share their errors out as evenly as if each were another's.
  bool of_strangers() const { return crowd_.few() && !crowd_.moves(); }
  bool sticky() const { return crowd_.sticky(); }
  bool from_start() const;  // it was worse all along; false: it became so

  // Nothing when the counts do not point to a difference, or when it is decided.
  std::optional<Outlook> outlook() const;

 private:
  void gather(const Count&, std::size_t side);
  void work_out_counted();

  double alpha_;
  RatioMixture mixture_;
  Crowd crowd_;
  std::array<Dispersion, 2> dispersion_;
  Count candidate_, previous_;
  Count pending_own_, pending_other_;                  // since something was compared: how clients come
  Strata<Count::Part> strata_{Lonely::with_the_rest};  // what waits for the other side
  std::vector<Strata<Count::Part>::Pair> ready_;       // what waits no longer
  Counted counted_;
  double known_rate_ = 0;  // of the previous release, before what is seen now
  Duration pending_{}, seen_{};
  bool decided_ = false;
};

}  // namespace davy::judge
