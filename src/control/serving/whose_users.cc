#include "control/serving/whose_users.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "control/serving/serves_now.h"
#include "view/words.h"

namespace davy::control {
namespace {

// Of a candidate that nobody has begun yet nothing can be alive: what answers is what was there before.
std::string runs_already(const std::vector<ServesNow>& now) {
  for (auto& one : now)
    for (auto& part : one.parts)
      if (part.alive > 0) return one.service;
  return "";
}

// Users of servers that this state never heard of are another state's, or nobody's of Davy's: a person must know.
Result<> nobody_has_users(const Runs& runs, const std::vector<ServesNow>& now) {
  for (auto& one : now)
    if (!one.error.empty())
      return fail(Code::unavailable,
                  fmt::format("whether anybody has users of {} could not be looked up: {}", one.service, one.error),
                  "a first release would take them all at once; if nobody has any, say --serves nothing");
  if (auto busy = runs_already(now); !busy.empty())
    return fail(
        Code::refused,
        fmt::format("{} runs already, says its platform, and no run in {} tells which version", busy, runs.dir().root),
        "say --serves VERSION: it is stopped, and started again on the way back; or --serves nothing where it "
        "is not to be touched");
  auto theirs = strangers(now);
  if (theirs.empty()) return {};
  return fail(
      Code::refused,
      fmt::format("{}: a first release would take them all at once, without a way back", joined(theirs, "; ")),
      fmt::format("the runs that shipped it are in another state directory than {}: name it with --state DIR or "
                  "$DAVY_STATE; if Davy never shipped it, say --serves nothing",
                  runs.dir().root));
}

Error serves_some(const ServesNow& s, const ServingPart& part) {
  auto now = joined(in_words({s}, *s.at), "; ");
  return {Code::refused,
          fmt::format("{} {} has {} of the users, as the router answers, and not all", s.service, part.version,
                      view::percent(part.share)),
          fmt::format("if another version serves, say so with --serves VERSION; --again deploys it whatever is there\n"
                      "  {}",
                      now)};
}

}  // namespace

Result<std::vector<std::string>> others_have_users(Runs& runs, const run::Runbook& book, const std::string& said) {
  auto now = serves_now(runs, book, {}, false);
  auto theirs = strangers(now);
  if (said == "nothing") return theirs;
  // A service that nobody tells of beside others that are known: in place, what runs of it would be taken for its
  // candidate.
  std::erase_if(now, [&](auto& one) {
    return !std::ranges::find(book.subjects, one.service, &run::Subject::service)->previous.none();
  });
  if (auto nobody = nobody_has_users(runs, now); !nobody) return std::unexpected(nobody.error());
  return theirs;
}

Result<bool> serves_everybody(Runs& runs, const run::Runbook& book) {
  auto all = serves_now(runs, book, {}, false);
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto& one = all[i];
    auto part = std::ranges::find(one.parts, book.subjects[i].previous.id, &ServingPart::release);
    if (!one.error.empty())
      return fail(
          Code::unavailable,
          fmt::format("whether {} serves could not be looked up: {}", book.subjects[i].previous_name(), one.error),
          "--again deploys it whatever is there");
    if (part == one.parts.end() || part->alive == 0) return false;
    if (one.routed && (one.strangers > 0 || part->share == 0)) return std::unexpected(serves_some(one, *part));
  }
  return true;
}

}  // namespace davy::control
