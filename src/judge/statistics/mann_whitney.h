// Mann & Whitney's rank test: do the candidate's values tend to be higher? As R's wilcox.test(exact = FALSE, conf.int =
// TRUE) has it and Kayenta after it: normal approximation with the correction for ties and continuity, and the interval
// of shifts that the test does not reject (Hodges & Lehmann 1963; Hollander & Wolfe 1999).
#pragma once
#include <optional>
#include <span>

namespace davy::judge {

struct RankTest {
  double pairs = 0;     // W: pairs in which the candidate's value is higher, ties by half
  double p = 1;         // two-sided
  double estimate = 0;  // Hodges & Lehmann: the median of all differences candidate − previous
  double low = 0, high = 0;
  double superiority = 0.5;  // W over all pairs: the common-language effect size
};

// Nothing when one side is empty or a value is not finite. Where both sides are constant the shift is their difference,
// exactly. The ends of the interval and the estimate are differences of two values, those at which the test turns; R
// and Kayenta look for them with a tolerance of 1e-4. An end of 0 does not say whether 0 itself is rejected: p does.
std::optional<RankTest> rank_test(std::span<const double> candidate, std::span<const double> previous,
                                  double confidence = 0.98);

}  // namespace davy::judge
