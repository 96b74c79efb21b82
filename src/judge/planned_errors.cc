#include "judge/planned_errors.h"

#include <fmt/format.h>

#include <utility>

#include "judge/say.h"
#include "judge/statistics/counts.h"

namespace davy::judge {
namespace {

// Looks at equal pauses: the information grows about evenly.
std::vector<double> fractions(std::int32_t looks) {
  std::vector<double> out;
  for (std::int32_t i = 1; i <= looks; ++i) out.push_back(static_cast<double>(i) / looks);
  return out;
}

}  // namespace

PlannedErrors::PlannedErrors(const run::PlannedLooks& how) : how_(how), test_(how.alpha.value, fractions(how.looks)) {}

// It assumes independent events: a client's first error only, where clients are known.
void PlannedErrors::gather(const Tally& own, const Tally& other) {
  own_.merge(own), other_.merge(other);
  pending_own_.merge(own), pending_other_.merge(other);
  if (waits_in_vain(pending_own_.attempts(), pending_other_.attempts())) pending_own_ = {}, pending_other_ = {};
  if (!enough_gathered(pending_own_.attempts(), pending_other_.attempts())) return;
  auto c = trouble_of(std::exchange(pending_own_, {})), p = trouble_of(std::exchange(pending_other_, {}));
  auto errors = [&](const Count& one) { return static_cast<double>(c.known || p.known ? one.clients : one.errors); };
  auto share = static_cast<double>(c.requests) / static_cast<double>(c.requests + p.requests);
  sum_.see(errors(c), errors(c) + errors(p), share);
}

std::optional<Verdict> PlannedErrors::see(const Window& w, const Tally& own, const Tally& other,
                                          const run::Subject& subject) {
  if (!w.complete || test_.decided()) return {};
  gather(own, other);
  if (own_.attempts() == 0 || other_.attempts() == 0) return {};
  since_look_ += w.length();
  if (since_look_ < how_.every || test_.looks() >= static_cast<std::size_t>(how_.looks)) return {};
  since_look_ = {};
  auto at = sum_.z(), bound = test_.bound(sum_.information());
  test_.see(at, sum_.information());
  if (!test_.decided()) return {};
  auto sentence = fmt::format("{}: {} against {} on {} at look {} of {}: z {:.2f} beyond the bound {:.2f}",
                              subject.candidate_name(), errors_said(own_.trouble(), own_.attempts()),
                              errors_said_shortly(other_.trouble(), other_.attempts()), subject.previous_name(),
                              test_.looks(), how_.looks, at, bound);
  spec::Map evidence{{"z", {}, real_number(at)},
                     {"bound", {}, real_number(bound)},
                     {"candidate", {}, evidence_of(&own_, subject.candidate.id)},
                     {"previous", {}, evidence_of(&other_, subject.previous.id)}};
  return Verdict{kind_of(how_.then), "planned looks", how_.then, std::move(sentence),
                 spec::object(std::move(evidence))};
}

}  // namespace davy::judge
