#include "control/watching/serve.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

#include "control/driving.h"
#include "control/steer.h"
#include "host/keep_watch.h"
#include "io/posix/bell.h"
#include "io/posix/lockfile.h"
#include "io/posix/manager.h"
#include "watch/opening.h"

namespace davy::control {
namespace {

using namespace std::chrono_literals;
constexpr Duration kLook = 1s;         // for runs that begin and end, though nothing rang
constexpr Duration kAgainAfter = 10s;  // a watch that could not be kept
constexpr int kLookBack = 50;          // runs whose watch may be over, and not all of it told
constexpr Duration kToldFor = 24h, kToldWithin = 1min;
constexpr std::string_view kHere = "davy serve";

// As `davy rollback` of a run that was done.
Result<std::string> take_back(const host::StateDir& dir, const std::string& run, const std::string& why) {
  Runs runs(dir);
  Word word{.what = "rollback",
            .about = {},
            .note = "the watch: " + why,
            .who = {.who = std::string(kHere),
                    .uid = static_cast<std::int64_t>(::getuid()),
                    .roles = {},
                    .via = "watch",
                    .proven = true}};
  auto steered = steer(runs, run, word);
  if (!steered) return std::unexpected(steered.error());
  return steered->by.empty() ? run : steered->by;
}

std::vector<std::string> services_of(const spec::Json& about) {
  std::vector<std::string> out;
  for (auto& service : about.value("services", spec::Json::array()))
    if (service.is_string()) out.push_back(service.get<std::string>());
  return out;
}

// A thread for each watch, and what each has open: as many as the system lets this process have.
void raise_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

class Keeping {
 public:
  Keeping(Runs& runs, const Serving& how) : runs_(runs), how_(how) {}
  ~Keeping() {
    for (auto* all : {&kept_, &told_})
      for (auto& [id, one] : *all) one->thread.request_stop();
  }

  // Those that are to be kept now are kept, and no others.
  Result<> look() {
    auto store = runs_.store();
    if (!store) return std::unexpected(store.error());
    auto open = runs_.wait((*store)->open_streams(ports::StreamKind::watch));
    if (!open) return std::unexpected(open.error());
    auto begins = io::LockFile::holder(runs_.dir().beginning_lock());
    std::set<std::string> wanted;
    for (auto& info : begins && *begins ? std::vector<ports::StreamInfo>{} : *open)
      if (auto free = is_free(**store, info); free && *free) wanted.insert(info.id);
    for (auto& [id, one] : kept_)
      if (!wanted.contains(id)) one->thread.request_stop();
    std::erase_if(kept_, [&](auto& one) { return one.second->over && !wanted.contains(one.first); });
    for (auto& id : wanted) see_to(**store, id);
    if (!how_.once)
      for (auto& info : *open) tell_of(**store, info.id);
    return {};
  }

  // A way back that the watch began, and whose engine and keeper are gone (a reboot), goes on.
  void drive_ways_back() {
    auto open = runs_.list({.open_only = true});
    for (auto& run : open ? *open : std::vector<ports::RunInfo>{})
      if (run.who == kHere && nobody_drives(runs_, run.id)) {
        auto driven = see_that_it_is_driven(runs_, run.id);
        how_.say(driven ? "nobody drove " + run.id + ": an engine was started" : to_string(driven.error()));
      }
  }

  // Who was to be told of a watch that is over by now is told all the same, for a day.
  void look_back() {
    auto store = runs_.store();
    auto runs = runs_.list({.most = kLookBack});
    if (!store || !runs || how_.once) return;
    for (auto& run : *runs) {
      auto info = runs_.wait((*store)->stream(watch::id_of(run.id)));
      if (info && info->closed && *info->closed > runs_.now() - kToldFor) tell_of(**store, info->id);
    }
  }

  // Of `once`: what came of it.
  void tell_all() {
    auto store = runs_.store();
    auto open = store ? runs_.wait((*store)->open_streams(ports::StreamKind::watch)) : std::unexpected(store.error());
    for (auto& info : open ? *open : std::vector<ports::StreamInfo>{}) tell_of(**store, info.id);
    for (auto until = runs_.now() + kToldWithin; runs_.now() < until && !all_over(told_);)
      std::this_thread::sleep_for(50ms);
  }
  // Of `once`: each was kept until nothing was due.
  bool all_over() const { return all_over(kept_); }
  bool failed() const {
    return std::ranges::any_of(kept_, [](auto& one) { return one.second->failed.load(); });
  }

 private:
  struct Kept {
    std::atomic<bool> over = false, failed = false;
    Time since{};
    std::jthread thread;  // last: it uses what stands before it
  };
  using All = std::map<std::string, std::unique_ptr<Kept>>;
  static bool all_over(const All& all) {
    return std::ranges::all_of(all, [](auto& one) { return one.second->over.load(); });
  }

  // No run of its services is open, and nobody is about to begin one.
  Result<bool> is_free(ports::Store& store, const ports::StreamInfo& info) {
    auto about = spec::parse_json(info.about);
    if (!about) return std::unexpected(about.error());
    auto environment = about->value("environment", std::string());
    if (!kept_.contains(info.id) && somebody_is_leaving(runs_, services_of(*about), environment)) return false;
    for (auto& service : services_of(*about)) {
      auto holder = runs_.wait(store.holder(ports::lock_of_service(service, environment)));
      if (!holder) return std::unexpected(holder.error());
      if (*holder) return false;
    }
    return true;
  }

  void see_to(ports::Store& store, const std::string& id) {
    auto& one = kept_[id];
    if (one && (!one->over || how_.once || runs_.now() < one->since + kAgainAfter)) return;
    one = std::make_unique<Kept>();
    one->since = runs_.now();
    auto keep = [&store, id, this, kept = one.get()](std::stop_token stop) {
      host::WatchKeeping how{.take_back = [this](auto& run, auto& why) { return take_back(runs_.dir(), run, why); },
                             .say = how_.say,
                             .once = how_.once};
      auto out = host::calmly([&] { return host::keep_watch(runs_.dir(), store, id, how, stop); });
      if (!out) how_.say(id + " is not kept: " + to_string(out.error())), kept->failed = true;
      kept->over = true;
    };
    how_.say(id + " is kept");
    auto begun = host::calmly([&] { return one->thread = std::jthread(keep), Result<>{}; });
    if (!begun) how_.say(id + " is not kept: " + to_string(begun.error())), one->failed = one->over = true;
  }

  // Apart from who keeps it: a way that hangs holds nothing else up, and what was told of it last is told though
  // another release serves by then.
  void tell_of(ports::Store& store, const std::string& id) {
    auto& one = told_[id];
    if (one && (!one->failed || runs_.now() < one->since + kAgainAfter)) return;
    one = std::make_unique<Kept>();
    one->since = runs_.now();
    one->thread = std::jthread([&store, id, this, told = one.get()](std::stop_token stop) {
      auto out = host::calmly([&] { return host::tell_watch(runs_.dir(), store, id, how_.once, stop); });
      if (!out) how_.say(id + ": people are not told: " + to_string(out.error())), told->failed = true;
      told->over = true;
    });
  }

  Runs& runs_;
  const Serving& how_;
  All kept_, told_;
};

}  // namespace

Result<> serve(Runs& runs, const Serving& how, std::stop_token stop) {
  auto store = runs.store();  // before the lock: the directory must be there
  if (!store) return std::unexpected(store.error());
  auto lock = io::LockFile::take(runs.dir().serve_lock(), fmt::format("pid {}", ::getpid()));
  if (!lock && lock.error().code == Code::refused)
    return fail(Code::refused, fmt::format("another `davy serve` ({}) keeps the watches of {}",
                                           served_by(runs.dir()).value_or("it has just ended"), runs.dir().root));
  if (!lock) return std::unexpected(lock.error());
  raise_limit();
  Keeping keeping(runs, how);
  io::Bell bell(runs.dir().root);
  keeping.look_back();
  bool first = true;
  while (!stop.stop_requested()) {
    if (auto looked = keeping.look(); !looked) {
      if (first) return looked;
      how.say("the watches cannot be looked at: " + to_string(looked.error()));
    }
    keeping.drive_ways_back();
    if (std::exchange(first, false)) io::tell_manager("READY=1");
    io::tell_manager("WATCHDOG=1");
    if (how.once && keeping.all_over()) break;
    bell.wait(how.once ? 100ms : kLook);
  }
  if (how.once) keeping.tell_all();
  io::tell_manager("STOPPING=1");
  return how.once && keeping.failed()
             ? fail(Code::unavailable, "not every watch could be kept: what was said before says why")
             : Result<>{};
}

std::optional<std::string> served_by(const host::StateDir& dir) {
  auto holder = io::LockFile::holder(dir.serve_lock());
  return holder ? *holder : std::nullopt;
}

}  // namespace davy::control
