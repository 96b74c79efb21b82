#include "plan/words/later.h"

#include <fmt/format.h>

namespace davy::plan {
namespace {

constexpr LaterWord kLater[] = {{"plan", "incidents", "opens an incident by a condition"},
                                {"notice", "within", "tells it again until somebody answers"},
                                {"notice", "escalate", "calls the next one where nobody answers"},
                                {"text", "link", "leads to the plan's own page"},
                                {"text", "page", "leads to the run's own page"},
                                {"text", "incident", "names the incident that is open"},
                                {"platform", "compose", "runs a service by docker compose"},
                                {"platform", "kubernetes", "runs a service on Kubernetes"},
                                {"platform", "fly", "runs a service on Fly"},
                                {"platform", "git-push", "releases by a push, and follows what that starts"},
                                {"router", "nginx", "shares users out by nginx"},
                                {"router", "kubernetes", "shares users out by a Service or a Gateway"},
                                {"probe", "backed-up", "looks into Davy's record: the newest proven backup"},
                                {"probe", "drilled", "looks into Davy's record: when the way back was tried"},
                                {"probe", "incidents", "looks into Davy's record: which incidents are open"},
                                {"signal", "service", "watches a service of the plan"}};

}  // namespace

std::span<const LaterWord> later_words() { return kLater; }

std::string later_word(std::string_view port, std::string_view word) {
  for (auto& one : kLater)
    if (one.port == port && one.word == word)
      return fmt::format("`{}`, which this version of Davy cannot do yet: it {}", word, one.does);
  return {};
}

}  // namespace davy::plan
