#include "judge/planned_errors.h"

#include <fmt/format.h>

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
double PlannedErrors::z() const {
  auto own = trouble_of(own_), other = trouble_of(other_);
  auto errors = [](const Count& c) { return static_cast<double>(c.known ? c.clients : c.errors); };
  return rate_z(errors(own), static_cast<double>(own.requests), errors(other), static_cast<double>(other.requests));
}

std::optional<Verdict> PlannedErrors::see(const Window& w, const run::Subject& subject) {
  auto own = w.releases.find(subject.candidate.id), other = w.releases.find(subject.previous.id);
  if (!w.complete || own == w.releases.end() || other == w.releases.end() || test_.decided()) return {};
  own_.merge(own->second), other_.merge(other->second);
  since_look_ += w.length();
  if (since_look_ < how_.every || test_.looks() >= static_cast<std::size_t>(how_.looks)) return {};
  since_look_ = {};
  auto at = z(), bound = test_.bound();
  test_.see(at);
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
