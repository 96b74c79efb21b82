// The names a plan may use for what lies outside, as a VALUE handed to plan::parse: so src/plan links no provider and
// no provider links src/plan.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "spec/measure.h"

namespace davy::spec {

struct GivenSeries {
  std::string name, doc;
  std::optional<Unit> unit = {};
};

struct Term {
  std::string port;                                       // probe, platform, router, signal
  std::string name;                                       // http: the kind, the first key of its map
  std::string doc;                                        // one sentence
  std::string example;                                    // as it would stand in a plan
  std::function<bool(const Value&, Diagnostics&)> check;  // all its options, mistakes placed
  std::function<Json()> schema;
  // What it can do, asked by src/rollout: "side-by-side" (two releases at once), "shares" (weights traffic),
  // "numbers" (its observation can be compared: `expect: free > 10 GB`).
  std::vector<std::string> can;
  std::vector<GivenSeries> series = {};  // of a signal: what rules may read beside the signal's own name
  // Of a signal: what may stand behind its name (`database.size`), "" being itself. Of a probe: what `expect` may
  // compare. None: nobody knows beforehand.
  std::function<std::vector<std::string>(const Value&)> fields = {};
  // What a number of it is measured in, by what may stand behind its name or beside it in `expect`. Nothing: nobody
  // knows beforehand, or it is no number.
  std::function<std::optional<Measured>(const Value&, std::string_view name)> measured = {};
};

class Vocabulary {
 public:
  void add(Term term) { terms_.push_back(std::move(term)); }
  // For a term that is there.
  void measure(std::string_view port, std::string_view name, decltype(Term::measured) by) {
    for (auto& term : terms_)
      if (term.port == port && term.name == name) term.measured = by;
  }
  const std::vector<Term>& terms() const { return terms_; }
  const Term* find(std::string_view port, std::string_view name) const {
    for (auto& term : terms_)
      if (term.port == port && term.name == name) return &term;
    return nullptr;
  }
  std::vector<std::string_view> names(std::string_view port) const {
    std::vector<std::string_view> out;
    for (auto& term : terms_)
      if (term.port == port) out.push_back(term.name);
    return out;
  }

 private:
  std::vector<Term> terms_;
};

}  // namespace davy::spec
