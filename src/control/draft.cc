#include "control/draft.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include "control/deploy_window.h"
#include "control/recorded/baselines.h"
#include "control/serving/adopting.h"
#include "control/serving/one_router.h"
#include "control/serving/serving.h"
#include "control/usual.h"
#include "rollout/rollout.h"
#include "store/run_id.h"

namespace davy::control {
namespace {

std::string sha256(std::string_view text) {
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), hash, &size, EVP_sha256(), nullptr);
  std::string out;
  for (unsigned i = 0; i < size; ++i) out += fmt::format("{:02x}", hash[i]);
  return out;
}

// The previous release comes with how it was run when it was shipped.
Result<run::Release> previous_of(Runs& runs, const plan::Service& service, const Wish& wish, Draft& out) {
  auto serves = what_serves(runs, service.name, wish.environment, wish.serves);
  if (!serves) return std::unexpected(serves.error());
  if (!*serves && !wish.replaces.empty()) {  // that run may have been told what serves
    auto before = stood_before(runs, wish.replaces, service.name);
    if (!before) return std::unexpected(before.error());
    if (!before->release.none()) *serves = std::move(*before);
  }
  out.already_serves &= *serves && (*serves)->release.version == wish.version && (*serves)->digest == out.digest;
  if (!*serves) return adopted(service, wish.serves);
  if (auto& was = (*serves)->platform; !was.empty() && was != service.platform.name)
    return fail(Code::refused,
                fmt::format("{} {} was shipped on platform `{}`, and the plan says `{}` now: Davy could not take a "
                            "deployment back",
                            service.name, (*serves)->release.version, was, service.platform.name),
                "give the service another name: it begins anew there, and the old one is taken down by hand");
  if (!(*serves)->route.empty()) out.routes[service.name] = (*serves)->route;
  return (*serves)->release;
}

// Its users would be left where it is taken away.
Result<> same_routes(const run::Runbook& book, const std::map<std::string, std::string>& routes) {
  for (auto& [service, was] : routes)
    if (auto now = route_of(book.setup.service(service)); now != was)
      return fail(Code::refused,
                  fmt::format("{} {} has its users by {}, and the plan says {} now: they would be left with nobody",
                              service, book.subjects[static_cast<std::size_t>(book.index_of(service))].previous.version,
                              was, now.empty() ? "no router" : now),
                  "ship it as before; or give the service another name: it begins anew there, and the old one is taken "
                  "down by hand when nobody uses it any more");
  return {};
}

Result<std::vector<run::Subject>> subjects_of(Runs& runs, const PlanFile& plan, const Wish& wish,
                                              const std::string& run, Draft& out) {
  std::vector<run::Subject> subjects;
  out.already_serves = true;
  for (auto& service : plan.plan.services) {
    auto previous = previous_of(runs, service, wish, out);
    if (!previous) return std::unexpected(previous.error());
    subjects.push_back({.service = service.name,
                        .candidate = {wish.version, rollout::release_id(service.name, wish.version, run)},
                        .previous = std::move(*previous)});
  }
  return subjects;
}

}  // namespace

Result<Draft> draft(Runs& runs, const PlanFile& plan, const Wish& wish) {
  Draft out{.digest = sha256(plan.text + "\n" + wish.environment), .run = store::new_run_id(runs.now())};
  auto subjects = subjects_of(runs, plan, wish, out.run, out);
  if (!subjects) return std::unexpected(subjects.error());
  auto expanded = [&] {
    return rollout::expand(
        plan.plan, {wish.environment, wish.version, out.run, *subjects, wish.urgent, wish.now, host::home_folder()});
  };
  auto book = expanded();
  if (!book) return std::unexpected(book.error());
  if (auto same = same_routes(*book, out.routes); !same) return std::unexpected(same.error());
  auto directory = directory_of(plan);
  book->setup.directory = directory;
  if (wish.serves.empty() && wish.look) {
    auto found = ask_what_serves(runs, plan.plan, *book, *subjects);
    if (!found) return std::unexpected(found.error());
    if (*found && !(book = expanded())) return std::unexpected(book.error());
  }
  out.book = std::move(*book);
  if (auto complete_now = complete(runs, plan.plan, out.book, runs.now(), directory); !complete_now)
    return std::unexpected(complete_now.error());
  out.book.setup.directory = directory;
  if (auto told = say_when_it_opens(out.book, runs.now()); !told) return std::unexpected(told.error());
  if (auto free = nobody_elses_router(runs, out.book); !free) return std::unexpected(free.error());
  out.hash = sha256(spec::dump(spec::encode(out.book)));
  learn_what_is_usual(runs, out.book);  // what is agreed to is what will be done, not how long that took of late
  return out;
}

}  // namespace davy::control
