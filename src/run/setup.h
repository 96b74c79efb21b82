// Who and what a runbook is about: the services with their releases, and the providers that its plan chose for them.
#pragma once
#include "spec/fields.h"

namespace davy::run {

// A release carries how it is run, so that going back starts the previous one as it was shipped, whatever the plan says
// by now. none(): there is none, at a first release.
struct Release {
  std::string version, id;
  spec::Value as = {};        // the platform's options, expanded for this release
  std::string artifact = {};  // what was really shipped (a digest, a commit), where the platform tells
  std::string says = {};      // what the service's `serves` said when this release was verified
  std::string folder = {};    // of its files, where the service has a releases folder (run/release_folders.h)
  bool none() const { return id.empty(); }
};
struct Subject {
  std::string service;
  Release candidate, previous;
  std::string candidate_name() const { return service + " " + candidate.version; }  // "storefront 3", for people
  std::string previous_name() const { return service + " " + previous.version; }
};

// Which of a service's two releases a step is about: whose $version it is told, with whose options it works.
enum class Side { candidate, previous };

struct Chosen {  // a provider, and its options, expanded
  std::string name;
  spec::Value options;
};
struct ServiceSetup {
  std::string name;
  std::string platform;  // its options come with the release
  std::optional<Chosen> router;
  std::optional<Chosen> serves;                          // the probe that tells which version serves, for a first run
  std::optional<std::vector<std::string>> secrets = {};  // the names of those that reach it; nothing: all
};
struct SignalSetup {
  std::string name;
  Chosen source;
  Duration every = std::chrono::seconds(1);
};
struct SecretSource {  // one of command, file and credential
  std::string name, command, file, credential;
};
struct Setup {
  std::vector<ServiceSetup> services;
  std::vector<SignalSetup> signals;
  std::map<std::string, std::string> variables;  // $environment, $url, $run and the environment's own
  std::string directory;                         // where the plan stands: relative paths begin there
  std::string env_file;                          // secrets of the environment
  std::vector<SecretSource> secrets;             // of which the plan says where they come from
  // What labels of signals mean, where no router tells: a release's id.
  std::map<std::string, std::string> carries;

  const ServiceSetup* service(std::string_view name) const;
  const SignalSetup* signal(std::string_view name) const;
};

}  // namespace davy::run

namespace davy::spec {

template <>
inline constexpr auto kWords<run::Side> =
    words<run::Side>({{"candidate", run::Side::candidate}, {"previous", run::Side::previous}});
// Their tables: runbook_fields.cc
template <
    OneOf<run::Release, run::Subject, run::Chosen, run::ServiceSetup, run::SignalSetup, run::SecretSource, run::Setup>
        T>
inline constexpr bool kApart<T> = true;

}  // namespace davy::spec
