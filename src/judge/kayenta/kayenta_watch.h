// Kayenta's judge fed by windows: from each stretch of `every` one value of each metric, candidate and previous side by
// side. What it judges, and how, is kayenta.h's.
#pragma once
#include "judge/judge.h"
#include "judge/kayenta/kayenta.h"
#include "judge/numbers/rolling.h"

namespace davy::judge {

class KayentaWatch {
 public:
  // Invalid: the configuration cannot be read, or a metric is no series of this plan's.
  static Result<KayentaWatch> begin(const run::Kayenta&);

  // True: the score may be looked at again, since another `interval` was observed. Windows with gaps are left out.
  bool see(const Window&, const run::Subject&);

  kayenta::Report report() const;

  // Nothing where the previous release served less than half of the time: its last users after the switch are no
  // baseline. Pass from `pass`; below `marginal`, or a critical metric,
  // what the plan says; in between, and where nothing but data is missing, people are asked. `at_end`: nothing follows,
  // so that marginal is not enough.
  std::optional<Verdict> verdict(const run::Subject&, bool at_end) const;

 private:
  struct Metric {
    std::string name;
    spec::Condition reads;  // only series and field are used
  };
  struct Side {
    Tally traffic;
    std::map<std::string, Gauge> gauges;
    double value(const spec::Condition&, Duration length) const;  // NaN: it had none
  };
  void close_stretch();

  run::Kayenta how_;
  kayenta::Config config_;
  std::vector<Metric> metrics_;
  std::map<std::string, kayenta::Samples> samples_;
  Side canary_, baseline_;
  Duration stretch_{}, since_look_{};
  Duration watched_{}, beside_{};  // in all; with requests on the previous release
};

}  // namespace davy::judge
