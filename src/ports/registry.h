// The one place where names meet code. Its vocabulary goes to plan::parse as a value.
#pragma once
#include <memory>

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

class Registry {
 public:
  using MakeProbe = std::function<Task<Observation>(const spec::Value&, Outside&, const Asking&)>;
  using MakePlatform = std::unique_ptr<Platform> (*)(Outside&, Place);  // its options come with each release
  using MakeRouter = std::function<Result<std::unique_ptr<Router>>(const spec::Value&, Outside&, const Place&)>;
  using MakeSource = std::function<Result<std::unique_ptr<Source>>(const spec::Value&, Outside&, const Asking&)>;

  // O is the options' struct, described by kFields<O>.
  template <class O>
  void probe(std::string name, std::string doc, std::string example, Task<Observation> (*look)(O, Outside&, Asking),
             std::vector<std::string> can = {}) {
    vocabulary_.add(term<O>("probe", name, std::move(doc), std::move(example), std::move(can)));
    probes_[name] = [look, name](const spec::Value& v, Outside& out, const Asking& who) -> Task<Observation> {
      auto options = spec::decoded<O>(v, name);
      if (!options) co_return std::unexpected(options.error());
      co_return co_await look(*options, out, who);
    };
  }
  template <class O>
  void platform(std::string name, std::string doc, std::string example, MakePlatform make,
                std::vector<std::string> can = {}) {
    vocabulary_.add(term<O>("platform", name, std::move(doc), std::move(example), std::move(can)));
    platforms_[name] = make;
  }
  template <class O>
  void router(std::string name, std::string doc, std::string example,
              std::unique_ptr<Router> (*make)(O, Outside&, Place), std::vector<std::string> can = {}) {
    vocabulary_.add(term<O>("router", name, std::move(doc), std::move(example), std::move(can)));
    routers_[name] = making<O, Router>(name, make);
  }
  template <class O>
  void signal(std::string name, std::string doc, std::string example,
              std::vector<spec::GivenSeries> series) {  // made real by src/host, which links src/io
    add_signal<O>(name, std::move(doc), std::move(example), std::move(series));
  }
  // A signal that is read every so often. The asking says for whom: its key is the signal's own, its timeout is that of
  // one look.
  template <class O>
  void source(std::string name, std::string doc, std::string example,
              Result<std::unique_ptr<Source>> (*make)(O, Outside&, Asking),
              std::vector<spec::GivenSeries> series = {}) {
    add_signal<O>(name, std::move(doc), std::move(example), std::move(series));
    add_source<O>(name, make);
  }
  // fields: what may stand behind its name, where the options tell.
  template <class O>
  void source(std::string name, std::string doc, std::string example,
              Result<std::unique_ptr<Source>> (*make)(O, Outside&, Asking),
              std::vector<std::string> (*fields)(const O&)) {
    add_signal<O>(name, std::move(doc), std::move(example), {}, [fields](const spec::Value& v) {
      spec::Diagnostics told_elsewhere;
      O options{};
      return spec::decode(v, options, told_elsewhere) ? fields(options) : std::vector<std::string>{};
    });
    add_source<O>(name, make);
  }

  const spec::Vocabulary& vocabulary() const { return vocabulary_; }
  const MakeProbe* find_probe(const std::string& name) const { return find(probes_, name); }
  const MakePlatform* find_platform(const std::string& name) const { return find(platforms_, name); }
  const MakeRouter* find_router(const std::string& name) const { return find(routers_, name); }
  const MakeSource* find_source(const std::string& name) const { return find(sources_, name); }

 private:
  template <class O>
  void add_source(const std::string& name, Result<std::unique_ptr<Source>> (*make)(O, Outside&, Asking)) {
    sources_[name] = [make, name](const spec::Value& v, Outside& out,
                                  const Asking& who) -> Result<std::unique_ptr<Source>> {
      auto options = spec::decoded<O>(v, name);
      if (!options) return std::unexpected(options.error());
      return make(*options, out, who);
    };
  }
  template <class O>
  void add_signal(const std::string& name, std::string doc, std::string example, std::vector<spec::GivenSeries> series,
                  std::function<std::vector<std::string>(const spec::Value&)> fields = {}) {
    auto added = term<O>("signal", name, std::move(doc), std::move(example), {});
    added.series = std::move(series), added.fields = std::move(fields);
    vocabulary_.add(std::move(added));
  }
  template <class O>
  static spec::Term term(std::string port, std::string name, std::string doc, std::string example,
                         std::vector<std::string> can) {
    return {std::move(port),
            std::move(name),
            std::move(doc),
            std::move(example),
            [](const spec::Value& v, spec::Diagnostics& d) {
              O options{};
              return spec::decode(v, options, d);
            },
            [] { return spec::schema<O>(); },
            std::move(can)};
  }
  template <class O, class P>
  static std::function<Result<std::unique_ptr<P>>(const spec::Value&, Outside&, const Place&)> making(
      std::string name, std::unique_ptr<P> (*make)(O, Outside&, Place)) {
    return [make, name](const spec::Value& v, Outside& out, const Place& at) -> Result<std::unique_ptr<P>> {
      auto options = spec::decoded<O>(v, name);
      if (!options) return std::unexpected(options.error());
      return make(*options, out, at);
    };
  }
  template <class M>
  static const typename M::mapped_type* find(const M& all, const std::string& name) {
    auto it = all.find(name);
    return it == all.end() ? nullptr : &it->second;
  }
  spec::Vocabulary vocabulary_;
  std::map<std::string, MakeProbe> probes_;
  std::map<std::string, MakePlatform> platforms_;
  std::map<std::string, MakeRouter> routers_;
  std::map<std::string, MakeSource> sources_;
};

}  // namespace davy::ports
