#include "host/engine_process.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "engine/run/keeping_routers.h"
#include "engine/run/run_loop.h"
#include "host/keeper_start.h"
#include "host/outfit.h"
#include "host/past.h"
#include "host/plan_folder.h"
#include "io/posix/bell.h"
#include "io/posix/lockfile.h"
#include "store/memory/memory.h"
#include "store/sqlite/sqlite.h"

namespace davy::host {
namespace {

using namespace std::chrono_literals;
constexpr Duration kDesk = 1s;    // after which the desk is looked at though nothing rang
constexpr Duration kTold = 50ms;  // how soon an event of a check is told

int say(const Error& e) {
  std::fprintf(stderr, "davy engine: %s\n", to_string(e).c_str());
  return 1;
}

// Runs one coroutine to its end on the outfit's event loop.
template <class T>
T settled(Outfit& outfit, asio::awaitable<T> task) {
  std::optional<T> out;
  asio::co_spawn(outfit.context, std::move(task), [&](std::exception_ptr e, T value) {
    if (e) std::rethrow_exception(e);
    out.emplace(std::move(value));
    outfit.context.stop();
  });
  outfit.context.restart();
  outfit.context.run();
  return std::move(*out);
}

// A word is a commit, and rings.
std::function<ports::Task<std::vector<ports::DeskEntry>>(std::int64_t)> desk_of(ports::Desk& desk, io::Bell& bell,
                                                                                std::string run) {
  return [&desk, &bell, run](std::int64_t after) -> ports::Task<std::vector<ports::DeskEntry>> {
    for (;;) {
      auto entries = co_await desk.after(run, after);
      if (!entries || !entries->empty()) co_return entries;
      if (auto rang = co_await bell.rung(kDesk); !rang) co_return std::unexpected(rang.error());
    }
  };
}

engine::World world_of(Outfit& o, ports::Journal& journal, ports::Samples& samples, ports::Desk& desk, io::Bell& bell,
                       const std::string& run) {
  return {o.clock,
          journal,
          samples,
          *o.signals,
          o.keeper,
          desk_of(desk, bell, run),
          [&o](const run::Call& call) { return o.operators->resolve(call); },
          [&o] { return o.operators->way_back(); },
          [&o] { return o.operators->asked(); },
          [&o] { return engine::leave_routers(o.clock, o.keeper, *o.operators); }};
}

asio::awaitable<Result<run::Ending>> drive(Outfit& o, engine::RunLoop& loop, engine::Nursery& nursery) {
  o.signals->begin(nursery);
  auto how =
      co_await loop.go({.host = o.machine.host, .boot = o.machine.boot, .who = o.machine.user, .pid = ::getpid()});
  co_await nursery.close();
  co_return how;
}

// Whose traffic it is, only the routers know; one that cannot be asked leaves requests with nobody, and that is told.
asio::awaitable<Result<run::Ending>> drive_checks(Outfit& o, engine::RunLoop& loop, engine::Nursery& nursery) {
  if (o.checks_read_signals) (void)co_await o.operators->refresh();
  co_return co_await drive(o, loop, nursery);
}

asio::awaitable<Result<run::Ending>> drive_and_keep_routers(Outfit& o, engine::RunLoop& loop, engine::Nursery& nursery,
                                                            const run::State& before) {
  bool known = co_await engine::know_routers(o.keeper, *o.operators, before);
  nursery.spawn(engine::keep_routers(o.clock, o.keeper, *o.operators, loop.state(), known,
                                     [&loop](run::Input in) { loop.tell(std::move(in)); }));
  co_return co_await drive(o, loop, nursery);
}

Result<> look_round(const StateDir& dir, const run::Runbook& book) {
  Outfit outfit(dir, dir.spool("preflight"));
  if (auto taken = io::take_secrets(outfit.secrets, book); !taken) return taken;
  if (auto made = outfit.make(book, "preflight"); !made) return made;
  return settled(outfit, outfit.operators->refresh());
}

}  // namespace

namespace {

// Somebody who only looks may hold a log's socket for a moment.
Result<> make_patiently(Outfit& outfit, const run::Runbook& book, const std::string& run) {
  constexpr int kTries = 20;
  for (int i = 1;; ++i) {
    auto made = outfit.make(book, run);
    if (made || made.error().code != Code::conflict || i == kTries) return made;
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
}

}  // namespace

int engine_process(const StateDir& dir, const std::string& run) {
  auto lock = io::LockFile::take(dir.engine_lock(run), fmt::format("pid {}", ::getpid()));
  if (!lock) return lock.error().code == Code::refused ? 0 : say(lock.error());
  auto store = store::SqliteStore::open(dir.root, {.missing = store::SqliteStore::Missing::refuse});
  if (!store) return say(store.error());
  Outfit outfit(dir, dir.spool(run), engine_argv(dir, run));
  Past past(**store, dir.root);
  outfit.outside.past = &past;
  auto records = settled(outfit, (*store)->read(run));
  if (!records) return say(records.error());
  auto history = engine::replay(*records);
  if (!history) return say(history.error());
  auto& book = history->state.runbook;
  plan_folder(book, dir.spool(run)).enter();  // all of this process: it is one run's alone
  if (!book.notices.null()) outfit.sender = notices_argv(dir, run);
  if (auto taken = io::take_secrets(outfit.secrets, book); !taken) return say(taken.error());
  if (auto made = make_patiently(outfit, book, run); !made) return say(made.error());
  outfit.operators->left(engine::left_behind(book, *records), run::served_before(history->state));
  io::Bell bell(dir.root);
  engine::Nursery nursery(outfit.context.get_executor());
  engine::RunLoop loop(outfit.context.get_executor(), world_of(outfit, **store, **store, **store, bell, run), run);
  auto how = settled(outfit, drive_and_keep_routers(outfit, loop, nursery, history->state));
  if (how) return 0;
  auto failed = say(how.error());
  return how.error().code == Code::conflict ? 0 : failed;  // the run is another's, or of another state: not once more
}

Result<> preflight(const StateDir& dir, const run::Runbook& book) {
  Result<> out;
  in_folder(plan_folder(book, dir.spool("preflight")), [&] { out = look_round(dir, book); });
  return out;
}

namespace {

using Told = std::function<void(const run::Event&, const run::State&, Time)>;

// Events of a run in memory, told as they come.
struct Teller {
  store::Memory& store;
  std::string run;
  const Told& told;
  run::State state = {};
  std::int64_t seq = 0;

  void tell(const std::vector<ports::Record>& records) {
    for (auto& record : records) {
      seq = record.seq;
      if (auto event = engine::event_of(record)) {
        run::fold(state, *event, record.at);
        told(*event, state, record.at);
      }
    }
  }
  asio::awaitable<void> go(ports::Clock& clock) {
    for (;;) {
      if (auto records = co_await store.read(run, seq)) tell(*records);
      if (auto slept = co_await clock.sleep_until(clock.now() + kTold); !slept) co_return;
    }
  }
};

}  // namespace

Result<run::Ending> check_only(const StateDir& dir, const run::Runbook& book, const std::string& open_run,
                               const std::function<void(const run::Event&, const run::State&, Time)>& told) {
  static std::atomic<int> others = 0;  // in this process
  auto run = fmt::format("check-{}-{}", ::getpid(), ++others);
  Outfit outfit(dir, dir.spool(run));
  if (auto taken = io::take_secrets(outfit.secrets, book); !taken) return std::unexpected(taken.error());
  auto alone = book;
  auto record = store::SqliteStore::open(dir.root, {.missing = store::SqliteStore::Missing::refuse});
  std::optional<Past> past;  // none: nothing was ever deployed from here
  if (record) outfit.outside.past = &past.emplace(**record, dir.root);
  if (auto made = outfit.make_for_checks(book, run, open_run); !made) return std::unexpected(made.error());
  alone.setup.signals.clear();  // no rule is judged by them
  store::Memory store;
  ports::RunInfo info{.id = run,
                      .services = {run},
                      .environment = book.environment,
                      .version = book.version,
                      .started = outfit.clock.now()};
  auto first =
      engine::record_of(run::Started{.runbook = alone, .who = {.who = outfit.machine.user}}, 1, outfit.clock.now());
  if (auto created = settled(outfit, store.create(info, {first})); !created) return std::unexpected(created.error());
  io::Bell bell(dir.root);
  engine::Nursery nursery(outfit.context.get_executor());
  engine::RunLoop loop(outfit.context.get_executor(), world_of(outfit, store, store, store, bell, run), run);
  Teller teller{store, run, told};
  nursery.spawn(teller.go(outfit.clock));
  auto how = settled(outfit, drive_checks(outfit, loop, nursery));
  if (auto rest = settled(outfit, store.read(run, teller.seq))) teller.tell(*rest);
  std::error_code gone;
  std::filesystem::remove_all(dir.spool(run), gone);
  return how;
}

}  // namespace davy::host
