// What all parts of the parser share: the words it may meet, the list of mistakes, the plan as far as it is read, and
// what can be looked at only when all of it is read.
#pragma once
#include <functional>

#include "plan/parse/tables.h"
#include "plan/words/later.h"
#include "plan/words/lists.h"

namespace davy::plan {

using Keys = std::vector<std::string_view>;

class Reader {
 public:
  Reader(const spec::Vocabulary& words, spec::Diagnostics& d) : words(words), d(d) {}

  // `check` runs once everything is read: the group or service that it looks for may stand further down.
  void later(std::function<void()> check) { later_.push_back(std::move(check)); }
  void finish();

  const spec::Vocabulary& words;
  spec::Diagnostics& d;
  Plan plan;

 private:
  std::vector<std::function<void()>> later_;
};

// Which entry of a map is its kind: the first one. `siblings` may stand beside a kind, and are told apart from a
// misspelt kind by their names.
struct KindQuestion {
  std::string_view noun;  // "step"
  Keys kinds, siblings;
  std::string_view port;  // for words that a later Davy will know
};
std::optional<std::size_t> kind_of(const spec::Value&, const KindQuestion&, spec::Diagnostics&);

// "an empty list", "a map", "`abc`".
std::string described(const spec::Value&);

// The entries of a map whose keys are in `keys`; and the others as mistakes, each with the nearest of `all`.
spec::Value only(const spec::Value& map, const Keys& keys);
spec::Value without(const spec::Value& map, const Keys& keys);
void refuse_others(const spec::Value& map, const Keys& all, std::string_view where, spec::Diagnostics&);

// `value` as a map with one provider of `port`, beside which `siblings` may stand. `told_elsewhere`: keys that are no
// options of a provider, and whose mistakes somebody else tells.
std::optional<Provider> read_provider(Reader&, std::string_view port, const spec::Value&, std::size_t kind,
                                      const Keys& siblings, const Keys& told_elsewhere = {});
std::vector<std::string> options_of(const spec::Term&);

// The siblings of a step or probe; those that are not in `allowed` are mistakes.
Common read_common(Reader&, const spec::Value& map, const Keys& allowed, std::string_view kind);
inline Keys common_keys() { return spec::keys_of<Common>(); }

// Names that a person types on a command line.
bool check_name(std::string_view what, const std::string& name, spec::Mark, spec::Diagnostics&);

// Each must be an environment of the plan (`only-in`).
void check_environments(Reader&, const std::vector<std::string>& names, spec::Mark);

// Decodes by T's table, lists made of single values where the table has lists.
template <class T>
bool read(Reader& r, const spec::Value& v, T& out) {
  return spec::decode(with_lists<T>(v), out, r.d);
}

// Conditions that Davy itself reads while it deploys: their series must exist, and it must be able to judge them.
void check_judged(Reader&, const spec::Value& conditions);

// Something must measure it.
void check_measured(Reader&, const std::string& series, spec::Mark);

// A series under `compare`: something must measure it, and it must be one that can be compared.
void check_compared_series(Reader&, const std::string& series, spec::Mark);

// The same for what must hold over a whole bake: no slopes.
void check_passed(Reader&, const spec::Value& conditions);
// What `expect` reads is something that the probe finds, and compares like with like.
void check_found(Reader&, const spec::Term&, const spec::Value& options, const spec::Value& conditions);
// Conditions that are read once: no baseline, no slope.
void check_read_once(Reader&, const spec::Value& conditions);

std::vector<Probe> read_probes(Reader&, const spec::Value& titles);
std::vector<Step> read_steps(Reader&, const spec::Value& list, bool inside_release);

// What only the whole plan shows.
void check_rollout(Reader&);
void check_names(Reader&, const spec::Value& root);

}  // namespace davy::plan
