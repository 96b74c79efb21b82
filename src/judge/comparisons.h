// What a plan wants compared, candidate against previous: latencies at quantiles, gauges at their means, several at
// once under one bound on the chance of a false alarm (Holm). The tests: quantiles.h, means.h.
#pragma once
#include <variant>

#include "judge/judge.h"
#include "judge/statistics/means.h"
#include "judge/statistics/quantiles.h"

namespace davy::judge {

class Comparisons {
 public:
  Comparisons(const std::vector<run::Compare>&, double alpha);

  // One window, of its requests those that may be compared; answers what was proven with it, each once.
  std::vector<Verdict> see(const Window&, const Tally& own, const Tally& other, const run::Subject&);
  void drop_pending();  // the shares changed

 private:
  struct One {
    run::Compare what;
    std::variant<QuantileTest, MeanTest> test;
    double most = 1;  // evidence ever reached: what was once proven is not taken back
    bool spoken = false;
    Time read{};  // of a gauge
  };
  static One begun(const run::Compare&, double alpha);
  static void take(One&, const Window&, const Tally& own, const Tally& other, const run::Subject&);

  double alpha_;
  std::vector<One> all_;
};

}  // namespace davy::judge
