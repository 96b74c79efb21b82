#include "control/instances.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "control/serving/serving.h"
#include "host/keeper_start.h"
#include "host/looking.h"
#include "io/keeper/instance_store.h"
#include "io/posix/machine.h"
#include "providers/platform/process.h"

namespace davy::control {
namespace {

// Whose an instance is, by the runs of this state directory.
struct Owner {
  run::Runbook book;
  std::int32_t subject = 0;
  run::Side side = run::Side::candidate;
  std::string run;
};
class Inventory {
 public:
  explicit Inventory(Runs& runs) : runs_(runs) {}

  Result<std::vector<Instance>> list() {
    if (auto read = read_runs(); !read) return std::unexpected(read.error());
    auto machine = io::this_machine(host::keeper_options(runs_.dir(), "").boot);
    std::vector<Instance> out;
    auto all = io::InstanceStore(runs_.dir().instances(), machine.boot).list("");
    if (!all) return std::unexpected(all.error());
    for (auto& state : *all) {
      auto release = providers::release_of_key(state.key);
      auto needed = needed_.find(release);
      out.push_back({state, release, needed == needed_.end() ? "" : needed->second});
    }
    return out;
  }
  const Owner* owner(const std::string& release) const {
    auto it = owners_.find(release);
    return it == owners_.end() ? nullptr : &it->second;
  }

 private:
  Result<> read_runs() {
    auto runs = runs_.list({});
    if (!runs) return std::unexpected(runs.error());
    for (auto& run : *runs) {
      if (!run.damage.empty()) return fail(Code::internal, run.damage + ": whose instances are whose, nobody can tell");
      if (auto took = read(run); !took) return took;
    }
    return {};
  }

  Result<> read(const ports::RunInfo& run) {
    auto events = runs_.events(run.id);
    if (!events) return std::unexpected(events.error());
    auto started = events->empty() ? nullptr : std::get_if<run::Started>(&events->front().event);
    if (!started) return {};
    auto& book = started->runbook;
    for (std::int32_t i = 0; i < std::ssize(book.subjects); ++i) {
      auto& subject = book.subjects[static_cast<std::size_t>(i)];
      owners_.try_emplace(subject.candidate.id, Owner{book, i, run::Side::candidate, run.id});
      if (!subject.previous.none())
        owners_.try_emplace(subject.previous.id, Owner{book, i, run::Side::previous, run.id});
      if (!run.ended)
        for (auto& id : {subject.candidate.id, subject.previous.id}) needed_[id] = "run " + run.id + " is open";
      if (auto serves = what_serves_of(subject.service, run.environment); !serves) return serves;
    }
    return {};
  }

  // Once for each service and environment. Where nobody knows which of two serves, both are needed.
  Result<> what_serves_of(const std::string& service, const std::string& environment) {
    if (!known_.insert({service, environment}).second) return {};
    auto serves = what_serves(runs_, service, environment, "");
    if (serves && *serves) needed_[(*serves)->release.id] = "serves in " + environment;
    if (serves || serves.error().code != Code::refused) return serves ? Result<>() : std::unexpected(serves.error());
    auto runs = runs_.list({.service = service, .environment = environment, .most = 1});
    if (!runs) return std::unexpected(runs.error());
    for (auto& run : *runs) unsure_ = run.id;
    return mark_unsure();
  }

  Result<> mark_unsure() {
    auto events = runs_.events(unsure_);
    if (!events) return std::unexpected(events.error());
    if (auto started = events->empty() ? nullptr : std::get_if<run::Started>(&events->front().event))
      for (auto& subject : started->runbook.subjects)
        for (auto& id : {subject.candidate.id, subject.previous.id})
          if (!id.empty()) needed_.try_emplace(id, fmt::format("may serve: run {} was left as it stood", unsure_));
    return {};
  }

  Runs& runs_;
  std::map<std::string, Owner> owners_;  // by release
  std::map<std::string, std::string> needed_;
  std::set<std::pair<std::string, std::string>> known_;
  std::string unsure_;
};

}  // namespace

Result<std::vector<Instance>> instances(Runs& runs) { return Inventory(runs).list(); }

Result<> prune(Runs& runs, bool dry, const std::function<void(const std::string&, const Result<>&)>& told) {
  Inventory inventory(runs);
  auto all = inventory.list();
  if (!all) return std::unexpected(all.error());
  std::set<std::string> orphans;
  for (auto& one : *all)
    if (one.needed.empty()) orphans.insert(one.release);
  for (auto& release : orphans) {
    auto owner = inventory.owner(release);
    told(release, !owner ? fail(Code::refused, "no run of this state directory knows it")
                  : dry  ? Result<>()
                         : host::take_down(runs.dir(), owner->book, owner->subject, owner->side));
  }
  return {};
}

}  // namespace davy::control
