#include "engine/run/condition_look.h"

#include <fmt/format.h>

namespace davy::engine {
namespace {

using judge::Holds;
using Found = judge::Readings::Found;

const std::string& release_meant(const Surroundings& s, const spec::Condition& c, const run::Subject& subject,
                                 run::Side side) {
  auto &candidate = subject.candidate.id, &previous = subject.previous.id;
  if (subject.previous.none()) return candidate;
  if (side == run::Side::previous) return previous;
  auto routed = s.routed.find(subject.service);
  bool users =
      routed != s.routed.end() ? has_users(routed->second, candidate) : s.outside.readings->knows(c, candidate);
  return users ? candidate : previous;
}

// The worst of all services: one that does not hold, then one of which it cannot be told. `bad`: what must not be.
Found worst(const Surroundings& s, const spec::Condition& c, run::Side side, Holds bad) {
  auto& subjects = s.runbook.subjects;
  if (!s.outside.readings) return {.says = "cannot tell: nobody reads the signals here"};
  if (subjects.empty()) return s.outside.readings->find(c, "");
  auto rank = [&](const Found& f) { return f.holds == bad ? 0 : f.holds == Holds::cannot_tell ? 1 : 2; };
  std::optional<Found> out;
  for (auto& subject : subjects) {
    auto one = s.outside.readings->find(c, release_meant(s, c, subject, side));
    if (!out || rank(one) < rank(*out)) out = std::move(one);
  }
  return *out;
}

spec::Value evidence(const char* state, const std::string& expected, const Found& f) {
  spec::Map check{{"state", {}, spec::text(state)}, {"expected", {}, spec::text(expected)}};
  for (auto [key, text] : {std::pair{"found", &f.shown}, {"raw", &f.raw}})
    if (!text->empty()) check.push_back({key, {}, spec::text(*text)});
  return spec::object({{"check", {}, spec::object(std::move(check))}});
}

}  // namespace

ConditionLook look_at_signals(const Surroundings& s, const run::Attempt& a, const run::Call& call) {
  auto side = a.way == run::Way::undo ? run::Side::previous : s.step(a).side;
  std::string says;
  for (auto& c : argument<std::vector<spec::Condition>>(call, "expect")) {
    auto found = worst(s, c, side, Holds::no);
    if (found.holds != Holds::yes) {
      auto state = found.holds == Holds::no ? "failed" : "cannot tell";
      return {{.outcome = run::Outcome::failed, .says = found.says, .evidence = evidence(state, c.text, found)},
              found.early};
    }
    says += (says.empty() ? "" : "; ") + found.says;
  }
  for (auto& c : argument<std::vector<spec::Condition>>(call, "degraded")) {
    auto found = worst(s, c, side, Holds::yes);
    if (found.holds == Holds::no) continue;
    auto warns = found.holds == Holds::yes ? found.says : fmt::format("cannot tell whether {}: {}", c.text, found.says);
    return {{.says = "degraded: " + warns, .evidence = evidence("degraded", "not " + c.text, found)}, found.early};
  }
  return {{.says = says}, false};
}

}  // namespace davy::engine
