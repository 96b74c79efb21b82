// The one place where names meet code. Its vocabulary goes to plan::parse as a value.
#pragma once
#include <memory>

#include "ports/masked.h"
#include "ports/platform.h"
#include "ports/probe.h"
#include "ports/reading.h"
#include "ports/router.h"
#include "spec/vocabulary.h"

namespace davy::ports {

// For whom a platform or router is made.
struct Place {
  std::string service, environment;
  std::string state_dir;
};

// What can be made, by its name in a plan.
template <class Make>
class Catalogue {
 public:
  void add(const std::string& name, Make make) { all_[name] = std::move(make); }
  const Make* find(const std::string& name) const {
    auto it = all_.find(name);
    return it == all_.end() ? nullptr : &it->second;
  }

 private:
  std::map<std::string, Make> all_;
};

// Each provider adds itself: name, one sentence, an example as it would stand in a plan, the function that makes it,
// and what it can (spec::Term::can). O is its options' struct, described by kFields<O>; what no field says alone is
// told by `bool fit_together(const O&, const spec::Value&, spec::Diagnostics&)` beside it, where there is one.
class Registry {
 public:
  using MakeProbe = std::function<Task<Observation>(const spec::Value&, Outside&, const Asking&)>;
  using MakePlatform = std::unique_ptr<Platform> (*)(Outside&, Place);  // its options come with each release
  using MakeRouter = std::function<Result<std::unique_ptr<Router>>(const spec::Value&, Outside&, const Place&)>;
  using MakeSource = std::function<Result<std::unique_ptr<Source>>(const spec::Value&, Outside&, const Asking&)>;

  // finds: the numbers and words that an observation of it has; fit: what its options do to that table.
  template <class O>
  void probe(std::string name, std::string doc, std::string example, Task<Observation> (*look)(O, Outside&, Asking),
             std::vector<spec::Finding> finds, void (*fit)(const O&, spec::Findings&) = nullptr) {
    std::map<std::string, std::string> parts;
    for (auto& one : finds)
      if (!one.part_of.empty()) parts[one.name] = one.part_of;
    probes_.add(name, [look, name, parts](const spec::Value& v, Outside& out, const Asking& who) -> Task<Observation> {
      auto options = spec::decoded<O>(v, name);
      if (!options) co_return std::unexpected(options.error());
      auto seen = co_await look(*options, out, who);
      if (!seen && out.secrets) co_return std::unexpected(masked(seen.error(), *out.secrets));
      if (seen) seen->part_of = parts;
      if (seen && out.secrets) mask(*seen, *out.secrets);
      co_return seen;
    });
    auto added = term<O>("probe", name, doc, example, {});
    spec::take_table(added, std::move(finds), fit);
    vocabulary_.add(std::move(added));
  }
  template <class O>
  void platform(std::string name, std::string doc, std::string example, MakePlatform make,
                std::vector<std::string> can = {}) {
    platforms_.add(name, make);
    vocabulary_.add(term<O>("platform", name, doc, example, can));
  }
  template <class O>
  void router(std::string name, std::string doc, std::string example,
              std::unique_ptr<Router> (*make)(O, Outside&, Place), std::vector<std::string> can = {}) {
    routers_.add(name, making(name, make));
    vocabulary_.add(term<O>("router", name, doc, example, can));
  }
  // A signal that is read every so often. The asking says for whom: its key is the signal's own, its timeout is that of
  // one look. finds: what may stand behind its name; series: what it gives by names that need none before them.
  template <class O>
  void source(std::string name, std::string doc, std::string example,
              Result<std::unique_ptr<Source>> (*make)(O, Outside&, Asking), std::vector<spec::Finding> finds,
              void (*fit)(const O&, spec::Findings&) = nullptr, std::vector<spec::GivenSeries> series = {}) {
    sources_.add(name, making(name, make));
    auto added = term<O>("signal", name, doc, example, {});
    spec::take_table(added, std::move(finds), fit);
    added.series = std::move(series);
    vocabulary_.add(std::move(added));
  }

  const spec::Vocabulary& vocabulary() const { return vocabulary_; }
  const MakeProbe* find_probe(const std::string& name) const { return probes_.find(name); }
  const MakePlatform* find_platform(const std::string& name) const { return platforms_.find(name); }
  const MakeRouter* find_router(const std::string& name) const { return routers_.find(name); }
  const MakeSource* find_source(const std::string& name) const { return sources_.find(name); }

 private:
  template <class O>
  static spec::Term term(const std::string& port, const std::string& name, const std::string& doc,
                         const std::string& example, const std::vector<std::string>& can) {
    auto check = [](const spec::Value& v, spec::Diagnostics& d) {
      O options{};
      if (!spec::decode(v, options, d)) return false;
      if constexpr (requires { fit_together(options, v, d); }) return fit_together(options, v, d);
      return true;
    };
    return {port, name, doc, example, check, spec::schema<O>, can};
  }
  // Made: a unique_ptr, or a Result of one.
  template <class O, class Made, class For>
  static auto making(const std::string& name, Made (*make)(O, Outside&, For)) {
    return [make, name](const spec::Value& v, Outside& out,
                        const For& who) -> std::conditional_t<kIsResult<Made>, Made, Result<Made>> {
      auto options = spec::decoded<O>(v, name);
      if (!options) return std::unexpected(options.error());
      return make(*options, out, who);
    };
  }
  template <class T>
  static constexpr bool kIsResult = false;
  template <class T>
  static constexpr bool kIsResult<Result<T>> = true;

  spec::Vocabulary vocabulary_;
  Catalogue<MakeProbe> probes_;
  Catalogue<MakePlatform> platforms_;
  Catalogue<MakeRouter> routers_;
  Catalogue<MakeSource> sources_;
};

}  // namespace davy::ports
