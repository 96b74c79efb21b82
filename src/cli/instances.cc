// instances: what Davy started on this machine and what became of it. prune: takes down what no run needs.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/commands.h"
#include "cli/serving.h"
#include "host/keeper_start.h"
#include "host/looking.h"
#include "io/keeper/instance_store.h"
#include "io/posix/machine.h"
#include "providers/platform/process.h"
#include "view/words.h"

namespace davy::cli {
namespace {

// Whose an instance is, by the runs of this state directory.
struct Owner {
  run::Runbook book;
  std::int32_t subject = 0;
  run::Side side = run::Side::candidate;
  std::string run;
};
struct Listed {
  ports::InstanceState state;
  std::string release;
  std::string needed;  // why it stays; empty: nobody needs it
};

class Inventory {
 public:
  explicit Inventory(Session& session) : session_(session) {}

  Result<std::vector<Listed>> list() {
    if (auto read = read_runs(); !read) return std::unexpected(read.error());
    auto machine = io::this_machine(host::keeper_options(session_.dir(), "").boot);
    std::vector<Listed> out;
    auto all = io::InstanceStore(session_.dir().instances(), machine.boot).list("");
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
    auto runs = session_.runs({});
    if (!runs) return std::unexpected(runs.error());
    for (auto& run : *runs) {
      if (!run.damage.empty()) return fail(Code::internal, run.damage + ": whose instances are whose, nobody can tell");
      if (auto took = read(run); !took) return took;
    }
    return {};
  }

  Result<> read(const ports::RunInfo& run) {
    auto events = session_.events(run.id);
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
    auto serves = what_serves(session_, service, environment, "");
    if (serves && *serves) needed_[(*serves)->release.id] = "serves in " + environment;
    if (serves || serves.error().code != Code::refused) return serves ? Result<>() : std::unexpected(serves.error());
    auto runs = session_.runs({.service = service, .environment = environment, .most = 1});
    if (!runs) return std::unexpected(runs.error());
    for (auto& run : *runs) unsure_ = run.id;
    return mark_unsure();
  }

  Result<> mark_unsure() {
    auto events = session_.events(unsure_);
    if (!events) return std::unexpected(events.error());
    if (auto started = events->empty() ? nullptr : std::get_if<run::Started>(&events->front().event))
      for (auto& subject : started->runbook.subjects)
        for (auto& id : {subject.candidate.id, subject.previous.id})
          if (!id.empty()) needed_.try_emplace(id, fmt::format("may serve: run {} was left as it stood", unsure_));
    return {};
  }

  Session& session_;
  std::map<std::string, Owner> owners_;  // by release
  std::map<std::string, std::string> needed_;
  std::set<std::pair<std::string, std::string>> known_;
  std::string unsure_;
};

std::string state_of(const ports::InstanceState& s) {
  if (s.alive) return fmt::format("pid {}", s.pid);
  if (s.exit_code) return fmt::format("exit {}", *s.exit_code);
  return s.signal ? fmt::format("signal {}", *s.signal) : "gone";
}

int list(Session& session) {
  auto all = Inventory(session).list();
  if (!all) return complain(all.error());
  auto json = spec::Json::array();
  auto now = session.now();
  for (auto& one : *all) {
    json.push_back({{"instance", one.state.key},
                    {"release", one.release},
                    {"alive", one.state.alive},
                    {"state", state_of(one.state)},
                    {"started", timestamp(one.state.started)},
                    {"log", one.state.log_path},
                    {"needed", !one.needed.empty()},
                    {"why", one.needed}});
    if (!session.common().json)
      fmt::print("{:<72} {:<12} {:<16} {}\n", printable(providers::words_of_key(one.state.key)), state_of(one.state),
                 "since " + human(now - one.state.started),
                 one.needed.empty() ? "nobody needs it: `davy prune`" : one.needed);
  }
  if (session.common().json)
    print_json(json);
  else if (all->empty())
    fmt::print("no instance was started here\n");
  return kDone;
}

// A release at a time, since its router knows servers and not which run left them.
int prune(Session& session, bool dry) {
  Inventory inventory(session);
  auto all = inventory.list();
  if (!all) return complain(all.error());
  std::set<std::string> orphans;
  for (auto& one : *all)
    if (one.needed.empty()) orphans.insert(one.release);
  auto json = spec::Json::array();
  int worst = kDone;
  for (auto& release : orphans) {
    auto owner = inventory.owner(release);
    auto gone = !owner ? fail(Code::refused, "no run of this state directory knows it")
                : dry  ? Result<>()
                       : host::take_down(session.dir(), owner->book, owner->subject, owner->side);
    auto said = !gone ? to_string(gone.error()) : dry ? "would be taken down" : "taken down";
    if (!gone) worst = kRefused;
    json.push_back({{"release", release}, {"done", gone && !dry}, {"says", said}});
    if (!session.common().json) fmt::print("{}  {}\n", printable(release), printable(said));
  }
  if (session.common().json)
    print_json(json);
  else if (orphans.empty())
    fmt::print("nothing to take down: each instance is needed\n");
  return worst;
}

}  // namespace

void add_instances(Program& p) {
  static bool dry = false;
  auto sub = p.command("instances", "Lists what Davy started on this machine, and who needs it", "davy instances");
  p.runs(sub, [](Session& session) { return list(session); });
  auto pruning = p.command("prune", "Takes down instances that no run needs: out of the router, then ended",
                           "davy prune --dry-run");
  pruning->add_flag("-n,--dry-run", dry, "only say which");
  p.runs(pruning, [](Session& session) { return prune(session, dry); });
}

}  // namespace davy::cli
