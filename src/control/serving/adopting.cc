#include "control/serving/adopting.h"

#include <fmt/format.h>

#include "base/text.h"
#include "host/looking.h"
#include "rollout/rollout.h"

namespace davy::control {
namespace {

using namespace std::chrono_literals;
constexpr Duration kWithin = 10s;

Result<std::string> version_of(const ports::Observation& seen) {
  if (!seen.ok) return fail(Code::unavailable, seen.says);
  auto value = seen.words.find("value");
  if (value == seen.words.end()) return fail(Code::unavailable, seen.says + ", and no value");
  std::string version(trimmed(value->second));
  if (auto why = rollout::no_version(version); !why.empty())
    return fail(Code::invalid, "what it says is no version: " + why);
  return version;
}

Result<std::string> asked(Runs& runs, const run::Runbook& book, std::int32_t subject, const run::Chosen& probe) {
  auto seen = host::look_with(runs.dir(), book, subject, probe, kWithin);
  auto version = seen ? version_of(*seen) : std::unexpected(seen.error());
  if (version) return version;
  return fail(version.error().code,
              fmt::format("no run tells what serves {}, and its `serves` could not be asked: {}",
                          book.subjects[static_cast<std::size_t>(subject)].service, to_string(version.error())),
              "look, then say --serves VERSION, or --serves nothing for a first release");
}

}  // namespace

Result<run::Release> adopted(const plan::Service& service, const std::string& version) {
  if (version.empty() || version == "nothing") return run::Release{};
  if (service.platform.name == "process" || service.side_by_side)
    return fail(Code::refused,
                fmt::format("no run tells that {} {} serves, and what Davy did not start on platform `{}` it can "
                            "neither stop nor start again",
                            service.name, version, service.platform.name),
                "say --serves nothing, and end the old one by hand when its users are gone; or name the state "
                "directory of the runs that shipped it with --state DIR");
  return run::Release{.version = version, .id = rollout::release_id(service.name, version, "adopted")};
}

Result<bool> ask_what_serves(Runs& runs, const plan::Plan& plan, const run::Runbook& book,
                             std::vector<run::Subject>& subjects) {
  bool found = false;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    auto setup = book.setup.service(subjects[i].service);
    if (!setup || !setup->serves || !subjects[i].previous.none()) continue;
    auto version = asked(runs, book, static_cast<std::int32_t>(i), *setup->serves);
    if (!version) return std::unexpected(version.error());
    auto previous = adopted(*plan.service(subjects[i].service), *version);
    if (!previous) return std::unexpected(previous.error());
    subjects[i].previous = *std::move(previous);
    subjects[i].previous.says = *version;
    found = true;
  }
  return found;
}

}  // namespace davy::control
