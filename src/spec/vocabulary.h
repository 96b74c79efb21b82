// The names a plan may use for what lies outside, as a VALUE handed to plan::parse: so src/plan links no provider and
// no provider links src/plan.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "spec/findings.h"

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
  // "folders" (what it runs may run from a releases folder).
  std::vector<std::string> can = {};
  std::vector<GivenSeries> series = {};  // of a signal: what rules may read beside the signal's own name
  // What `expect` beside a probe may compare, and what may stand behind a signal's name (`database.size`): the table as
  // people read it, and what it is with these options. Nothing: they are wrong, or the term finds nothing.
  std::vector<Finding> table = {};
  std::function<std::optional<Findings>(const Value&)> finds = {};
};

// The table of a term, and what options of their own do to it: names that they give, things that are not found without.
template <class O>
void take_table(Term& term, std::vector<Finding> table, void (*fit)(const O&, Findings&) = nullptr) {
  term.finds = [table, fit](const Value& v) -> std::optional<Findings> {
    Diagnostics told_elsewhere;
    O options{};
    if (!decode(v, options, told_elsewhere)) return {};
    auto out = findings_of(table, options);
    if (fit) fit(options, out);
    return out;
  };
  term.table = std::move(table);
}

class Vocabulary {
 public:
  void add(Term term) { terms_.push_back(std::move(term)); }
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
