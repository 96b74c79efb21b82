#include "host/keep_watch.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <charconv>
#include <filesystem>

#include "engine/watch/watch_loop.h"
#include "engine/watch/watch_notifier.h"
#include "host/local_zone.h"
#include "host/outfit.h"
#include "host/past.h"
#include "host/plan_folder.h"
#include "host/telling.h"
#include "host/unwritten.h"
#include "io/posix/lockfile.h"
#include "judge/sampler.h"

namespace davy::host {
namespace {

using namespace std::chrono_literals;
constexpr Duration kRefresh = 30s;  // whose servers are whose: others may change a router
constexpr Duration kOnce = 200ms;
constexpr std::int64_t kKept = 20;  // looks that act, and whose commands' words are kept
constexpr Duration kBlind = 15s;    // after which what could not be had is tried again

// All of one watch, in the order in which it must be taken apart.
class Kept {
 public:
  Kept(const StateDir& dir, ports::Store& store, const std::string& stream, const WatchKeeping& how, watch::State state)
      : store_(store),
        stream_(stream),
        how_(how),
        state_(std::move(state)),
        looks_(engine::book_of_looks(state_.book)),
        zone_(state_.book.zone),
        outfit_(dir, dir.spool(stream)),
        past_(store, dir.root),
        loop_(executor(), world(), stream),
        nursery_(executor()) {
    outfit_.outside.past = &past_;
  }

  Result<> make() {
    // One that is missing is missing for the checks that need it, which say so.
    if (auto taken = io::take_secrets(outfit_.secrets, looks_); !taken)
      how_.say(stream_ + ": " + to_string(taken.error()));
    if (auto made = outfit_.make_for_watch(looks_, stream_); !made) return made;
    looking_.emplace(executor(), outfit_.clock, *outfit_.operators, looks_, state_.book);
    return {};
  }

  Result<> go(std::stop_token stop) {
    Result<> out;
    std::stop_callback stops(stop, [this] { asio::post(outfit_.context, [this] { stop_now(); }); });
    asio::co_spawn(outfit_.context, all(out), [this](std::exception_ptr e) {
      if (e) std::rethrow_exception(e);
      outfit_.context.stop();
    });
    outfit_.context.run();
    return out;
  }

 private:
  asio::any_io_executor executor() { return outfit_.context.get_executor(); }

  engine::WatchWorld world() {
    return {.clock = outfit_.clock,
            .journal = store_,
            .zone = zone_,
            .look = [this](watch::DueLook look) { return look_once(look); },
            .read = [this](const spec::Condition& c) { return read(c); },
            .take_back = [this](std::string why) { return take_back(std::move(why)); },
            .show = [this](auto seq,
                           auto& events) { show_unwritten(outfit_.dir, stream_, {seq, outfit_.clock.now(), events}); }};
  }

  ports::Task<engine::LookEnd> look_once(watch::DueLook look) {
    if (look.id > kKept) forget_acts(look.id - kKept);
    std::error_code none;
    auto& folder = state_.book.setup.directory;
    if (!folder.empty() && !std::filesystem::is_directory(folder, none))
      co_return fail(Code::unavailable, "the plan's folder " + folder + " has gone");
    co_return co_await looking_->carry_out(look);
  }

  // What commands of old looks said; what became of them is in the journal.
  void forget_acts(std::int64_t up_to) {
    std::error_code gone;
    for (auto& entry : std::filesystem::directory_iterator(outfit_.spool, gone)) {
      auto name = entry.path().filename().string();
      std::int64_t id = 0;
      if (name.starts_with('a') && std::from_chars(name.data() + 1, name.data() + name.size(), id).ec == std::errc{} &&
          id / engine::Looking::kIdsOfALook <= up_to)
        std::filesystem::remove_all(entry.path(), gone);
    }
  }

  // The worst of all services, each by what serves it.
  watch::RuleSeen read(const spec::Condition& c) const {
    std::optional<judge::Readings::Found> worst;
    auto rank = [](auto& f) { return f.holds == judge::Holds::yes ? 0 : f.holds == judge::Holds::cannot_tell ? 1 : 2; };
    for (auto& subject : state_.book.subjects) {
      auto found = outfit_.readings.accuses(c, subject);
      if (!worst || rank(found) < rank(*worst)) worst = std::move(found);
    }
    if (!worst) return {{}, false, "no service is known"};
    if (worst->holds == judge::Holds::cannot_tell) return {{}, worst->early, worst->says};
    return {worst->holds == judge::Holds::yes, false, worst->says};
  }

  ports::Task<> take_back(std::string why) {
    how_.say(stream_ + ": the release is to be taken back, since " + why);
    auto by = how_.take_back(state_.run, why);
    if (!by) co_return std::unexpected(by.error());
    how_.say(fmt::format("{}: run {} takes it back", stream_, *by));
    co_return Result<>();
  }

  void stop_now() {
    stopping_ = true;
    nursery_.cancel(going_);
  }

  asio::awaitable<void> all(Result<>& out) {
    auto body = [](Kept& k, Result<>& end) -> asio::awaitable<void> { co_await k.keep(end); };
    going_ = nursery_.spawn(body(*this, out));
    if (stopping_) nursery_.cancel(going_);  // it was to stop before it had begun
    co_await over_.wait();
    co_await nursery_.close();
  }

  asio::awaitable<void> keep(Result<>& out) {
    outfit_.signals->begin(nursery_);
    (void)co_await outfit_.operators->refresh();
    co_await remember();
    if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none)
      co_return over_.raise();  // before anything was claimed
    nursery_.spawn(know_servers());
    nursery_.spawn(take_windows());
    if (how_.once || outfit_.blind) nursery_.spawn(end_when_idle());
    auto& m = outfit_.machine;
    out = co_await loop_.go({.host = m.host, .boot = m.boot, .who = m.user, .pid = ::getpid()});
    if (!out && out.error().code == Code::conflict) out = {};  // another has it, or it is over
    over_.raise();
  }

  asio::awaitable<void> know_servers() {
    for (;;) {
      if (auto slept = co_await outfit_.clock.sleep_until(outfit_.clock.now() + kRefresh); !slept) co_return;
      (void)co_await outfit_.operators->refresh();
    }
  }

  // As the run that shipped it kept its samples (ports::samples_of): the watch goes on with the same.
  ports::SampleKey key() const {
    auto& subject = state_.book.subjects.front();
    return {subject.service, state_.book.environment, subject.candidate.id};
  }

  // What conditions look back on was seen by the run, or by whoever kept this watch before.
  asio::awaitable<void> remember() {
    auto longest = outfit_.readings.longest();
    if (longest == Duration{}) co_return;
    auto samples = co_await store_.since(key(), outfit_.clock.now() - longest);
    for (auto& one : samples ? *samples : std::vector<judge::Window>{}) outfit_.readings.see(one);
  }

  asio::awaitable<void> take_windows() {
    judge::Sampler sampler;
    for (;;) {
      auto window = co_await outfit_.signals->next();
      if (!window) co_return;
      outfit_.signals->read_by_rules(*window);
      for (auto& sample : sampler.take(*window, state_.book.subjects, state_.since)) {
        std::vector<ports::Sample> one{sample};
        (void)co_await store_.add(key(), std::move(one));
      }
    }
  }

  // Who is blind looks at what needs no signal, and is kept anew by and by: then they may be there.
  asio::awaitable<void> end_when_idle() {
    if (outfit_.blind && !how_.once)
      if (auto slept = co_await outfit_.clock.sleep_until(outfit_.clock.now() + kBlind); !slept) co_return;
    do {
      if (auto slept = co_await outfit_.clock.sleep_until(outfit_.clock.now() + kOnce); !slept) co_return;
    } while (!loop_.idle());
    nursery_.cancel(going_);
  }

  ports::Store& store_;
  std::string stream_;
  const WatchKeeping& how_;
  watch::State state_;
  run::Runbook looks_;
  LocalZone zone_;
  Outfit outfit_;
  Past past_;
  std::optional<engine::Looking> looking_;
  engine::WatchLoop loop_;
  engine::Flag over_{executor()};
  engine::Nursery::Id going_ = 0;
  bool stopping_ = false;
  engine::Nursery nursery_;  // last: its coroutines go before what they point to
};

struct Known {
  watch::State state;
  notices::Book book;
};

ports::Task<Known> look_up(ports::Store& store, std::string stream) {
  auto records = co_await store.read(stream);
  if (!records) co_return std::unexpected(records.error());
  auto history = engine::replay_watch(*records);
  if (!history) co_return std::unexpected(history.error());
  if (history->state.book.notices.null()) co_return Known{std::move(history->state), {}};
  auto book = notices::book_from(history->state.book.notices);
  if (!book) co_return std::unexpected(book.error());
  co_return Known{std::move(history->state), *std::move(book)};
}

// The journal as it stands, read on a loop of its own.
Result<Known> known(ports::Store& store, const std::string& stream) {
  asio::io_context context{1};
  std::optional<Result<Known>> out;
  asio::co_spawn(context, look_up(store, stream), [&](std::exception_ptr e, Result<Known> value) {
    if (e) std::rethrow_exception(e);
    out.emplace(std::move(value));
  });
  context.run();
  return std::move(*out);
}

}  // namespace

Result<> calmly(const std::function<Result<>()>& work) {
  try {
    return work();
  } catch (const std::exception& e) {
    return fail(Code::internal, e.what());
  }
}

namespace {

// There it is a thread of its own.
Result<> in_its_folder(const io::PlanFolder& folder, const std::function<Result<>()>& work) {
  Result<> out;
  in_folder(folder, [&] { out = calmly(work); });
  return out;
}

}  // namespace

Result<> keep_watch(const StateDir& dir, ports::Store& store, const std::string& stream, const WatchKeeping& how,
                    std::stop_token stop) {
  auto what = known(store, stream);
  if (!what) return std::unexpected(what.error());
  if (what->state.run.empty() || what->state.over) return {};
  std::error_code ignored;
  std::filesystem::create_directories(dir.spool(stream), ignored);
  std::filesystem::permissions(dir.spool(stream), std::filesystem::perms::owner_all, ignored);
  auto lock = io::LockFile::take(dir.watch_lock(stream), fmt::format("pid {}", ::getpid()));
  if (!lock) return std::unexpected(lock.error());
  auto folder = plan_folder(what->state.book, dir.spool(stream));
  return in_its_folder(folder, [&] {
    Kept kept(dir, store, stream, how, std::move(what->state));
    auto made = kept.make();
    return made ? kept.go(stop) : made;
  });
}

Result<> tell_watch(const StateDir& dir, ports::Store& store, const std::string& stream, bool until_told,
                    std::stop_token stop) {
  auto what = known(store, stream);
  if (!what) return std::unexpected(what.error());
  if (what->book.empty()) return {};
  std::error_code ignored;
  std::filesystem::create_directories(dir.spool(stream), ignored);
  auto folder = plan_folder(what->state.book, dir.spool(stream));
  return in_its_folder(folder, [&] {
    Result<> out;
    auto context = std::make_unique<asio::io_context>(1);
    Telling means(what->state.book);
    auto world = means.world(store, dir, stream);
    engine::WatchNotifier notifier(context->get_executor(), world, what->book, stream);
    if (until_told) notifier.until_told();
    asio::co_spawn(*context, notifier.go(), [&](std::exception_ptr e, Result<> told) {
      if (e) std::rethrow_exception(e);
      out = told, context->stop();
    });
    {
      std::stop_callback stops(stop, [&] { asio::post(*context, [&] { context->stop(); }); });
      context->run();
    }
    context.reset();  // what goes on is dropped, before what it points to: the cursors say where to go on
    return out;
  });
}

}  // namespace davy::host
