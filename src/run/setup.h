// Who and what a runbook is about: the services with their releases, and the providers that its plan chose for them.
#pragma once
#include "spec/fields.h"

namespace davy::run {

// A release carries how it is run, so that going back starts the previous one as it was shipped, whatever the plan says
// by now. none(): there is none, at a first release.
struct Release {
  std::string version, id;
  spec::Value as;        // the platform's options, expanded for this release
  std::string artifact;  // what was really shipped (a digest, a commit), where the platform tells
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
};
struct SignalSetup {
  std::string name;
  Chosen source;
  Duration every = std::chrono::seconds(1);
};
struct Setup {
  std::vector<ServiceSetup> services;
  std::vector<SignalSetup> signals;
  std::map<std::string, std::string> variables;  // $environment, $url, $run and the environment's own
  std::string directory;                         // where the plan stands: relative paths begin there
  std::string env_file;                          // secrets of the environment
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
template <>
inline constexpr auto kFields<run::Release> =
    std::tuple{optional("version", &run::Release::version, "what people call it"),
               optional("id", &run::Release::id, "what this deployment of it is called on the platform"),
               optional("as", &run::Release::as, "the platform's options, as this release is run"),
               optional("artifact", &run::Release::artifact, "what was really shipped, where the platform tells")};
template <>
inline constexpr auto kFields<run::Subject> =
    std::tuple{required("service", &run::Subject::service, "the service"),
               required("candidate", &run::Subject::candidate, "the release that is shipped"),
               optional("previous", &run::Subject::previous, "the release that serves; none at a first release")};
template <>
inline constexpr auto kFields<run::Chosen> =
    std::tuple{required("name", &run::Chosen::name, "the provider"),
               optional("options", &run::Chosen::options, "its options, expanded")};
template <>
inline constexpr auto kFields<run::ServiceSetup> =
    std::tuple{required("name", &run::ServiceSetup::name, "the service"),
               required("platform", &run::ServiceSetup::platform, "what runs it; the options come with a release"),
               optional("router", &run::ServiceSetup::router, "what sends it users")};
template <>
inline constexpr auto kFields<run::SignalSetup> =
    std::tuple{required("name", &run::SignalSetup::name, "what conditions call it"),
               required("source", &run::SignalSetup::source, "where it is read"),
               optional("every", &run::SignalSetup::every, "how often")};
template <>
inline constexpr auto kFields<run::Setup> =
    std::tuple{required("services", &run::Setup::services, "their platforms and routers"),
               optional("signals", &run::Setup::signals, "what is watched"),
               optional("variables", &run::Setup::variables, "of the plan, for commands"),
               optional("directory", &run::Setup::directory, "where the plan stands"),
               optional("env-file", &run::Setup::env_file, "secrets of the environment"),
               optional("carries", &run::Setup::carries, "labels of signals, where no router tells: release ids")};

}  // namespace davy::spec
