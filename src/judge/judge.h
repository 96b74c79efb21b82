// The judge: windows in, verdicts out. Pure. One judge per run; it is fed while the candidate may have users, and after
// a crash refilled from the samples, so that no `for 5m` starts anew.
//
// Beside the rules there are tests that nobody has to ask for, where a previous release serves beside (beside.h): of
// errors, which takes back; of 4xx, both ways, which asks people to look; and of the shares of the traffic.
#pragma once
#include <memory>
#include <optional>

#include "judge/baselines.h"

namespace davy::judge {

// step_aside: the candidate looks worse, and one moment is no proof. Users are to be taken away from it at once, for 30
// s or so, and given back; what it does then decides. Where nobody does so it is watched on, and users suffer longer.
enum class Kind { pass, keep_watching, hold, roll_back, cannot_tell, step_aside };

struct Verdict {
  Kind kind = Kind::keep_watching;
  std::string rule;  // its text, or "count test"
  run::Consequence then = run::Consequence::note;
  std::string sentence;  // "storefront@3: 21 errors in 104 requests (20%) against 2 in 1,896 (0.11%): …"
  spec::Value evidence;  // numbers of both sides, the bound, the window
};

// What a cold candidate shows: caches, connections and compiled code come with time. It does not count in the warm-up.
bool of_a_cold_one(const spec::Condition&);

struct Setup {
  std::vector<run::Subject> subjects;
  std::vector<run::Rule> rules;
  std::vector<run::Compare> compare = {};
  std::vector<run::Look> looks = {};  // none: rules are looked at with every window
  double alpha = 0.001;         // the chance that a run acts wrongly on any test, all of them and its judges together
  std::int32_t nth = 1;         // of how many judges of this release this is: a hold or step back begins another
  double worse_by = 0.25;       // error rates higher by no more than that are no news
  double least_added = 0.0001;  // nor is it taken back, only held, for fewer errors than that among all requests
  Duration warm_up = std::chrono::seconds(30);  // from its first user on a candidate's latency and 4xx do not count
  std::optional<run::Kayenta> kayenta = {};
  std::optional<run::PlannedLooks> planned_looks = {};
  Duration over = std::chrono::minutes(1);        // window of a condition that names none
  Duration slope_over = std::chrono::minutes(5);  // the same of `grows` and `rises`
  std::uint64_t least_requests = 20, least_errors = 3;
  Baselines baselines = {};  // where no previous release serves beside
};

Setup setup_of(const run::Runbook&);  // what the plan asks for; nothing from before the run yet

class Judge {
 public:
  explicit Judge(Setup);
  ~Judge();
  Judge(Judge&&) noexcept;
  Judge& operator=(Judge&&) noexcept;

  // Counts in the window what only a judge can tell: `SIGNAL.new_errors`, which the baseline never showed (news.h).
  // Before `see`, and before the window is kept: one that is read again is not counted again.
  void count_news(Window&);

  // Takes one window (in order of time) and answers what became true with it: each rule speaks when it begins to hold,
  // not again while it goes on holding. roll_back verdicts come first.
  std::vector<Verdict> see(const Window&);

  // A rule that would hold the run or take it back is true now, and not yet for as long as it must be: what comes next
  // should wait for its word.
  bool pending() const;

  // The state of things in one sentence, with what more evidence would decide: the line under the live tree.
  std::string sentence() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

// A bake: observed time only, and conditions that must hold over all of it.
class Bake {
 public:
  Bake(Setup, std::vector<spec::Condition> pass, Duration length);
  ~Bake();
  Bake(Bake&&) noexcept;
  void see(const Window&);
  Duration observed() const;
  bool over() const { return observed() >= length_; }
  Verdict verdict() const;  // pass; hold when a condition is unmet; cannot_tell when data are too few

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
  Duration length_;
};

// What a bake can see, for `davy plan`: "17,280 requests at 5 %: sees error rates >= 2 x the baseline; blind to p99".
struct Sight {
  double requests = 0;            // the candidate's, in the bake
  double ratio = 0;               // smallest rate ratio that is seen with 95 % probability; 0: none
  double ratio_of_strangers = 0;  // the same where the log does not tell clients apart
  std::string sentence;
};
Sight sight(double requests_per_second, Ratio share, Duration bake, double baseline_error_rate, double alpha,
            Ratio worse_by = {0.25}, bool first_release = false);

}  // namespace davy::judge
