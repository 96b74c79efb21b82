// A watch is kept for days of simulated time, and whoever keeps it is killed at every moment: what was due has an
// outcome, and what acts is done once.
#include "engine/watch/watch_loop.h"

#include <gmock/gmock.h>

#include <set>

#include "engine/run/records.h"
#include "store/memory/memory.h"
#include "testing/jumping_clock_testing.h"

namespace davy::testing {
namespace {

using store::testing::ok;
using store::testing::wait;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

struct Utc final : watch::Zone {
  std::int32_t day(Time t) const override {
    return static_cast<std::int32_t>(std::chrono::floor<std::chrono::days>(t).time_since_epoch().count());
  }
  Time moment(std::int32_t day, std::int32_t minute) const override {
    return Time(std::chrono::days(day)) + std::chrono::minutes(minute);
  }
};

// Moments before and behind each write.
struct MomentousJournal final : ports::Journal {
  MomentousJournal(ports::Journal& real, Moments& moments) : real(real), moments(moments) {}
  ports::Journal& real;
  Moments& moments;

  ports::Task<> create(ports::RunInfo info, std::vector<ports::Record> first) override {
    return real.create(std::move(info), std::move(first));
  }
  ports::Task<> open(ports::Opening o) override { return real.open(std::move(o)); }
  ports::Task<> append(std::string stream, std::int64_t epoch, std::int64_t seq, std::vector<ports::Record> records,
                       ports::After after) override {
    moments.pass();
    auto done = co_await real.append(std::move(stream), epoch, seq, std::move(records), std::move(after));
    moments.pass();
    co_return done;
  }
  ports::Task<> claim(std::string stream, std::int64_t epoch, std::int64_t seq,
                      std::vector<ports::Record> records) override {
    moments.pass();
    auto done = co_await real.claim(std::move(stream), epoch, seq, std::move(records));
    moments.pass();
    co_return done;
  }
  ports::Task<std::vector<ports::Record>> read(std::string stream, std::int64_t after) override {
    return real.read(std::move(stream), after);
  }
  ports::Task<ports::RunInfo> info(std::string run) override { return real.info(std::move(run)); }
  ports::Task<ports::StreamInfo> stream(std::string id) override { return real.stream(std::move(id)); }
  ports::Task<std::vector<ports::RunInfo>> runs(Filter f) override { return real.runs(std::move(f)); }
  ports::Task<std::vector<ports::StreamInfo>> open_streams(ports::StreamKind k) override {
    return real.open_streams(k);
  }
  ports::Task<std::optional<std::string>> holder(std::string r) override { return real.holder(std::move(r)); }
};

struct KeepingWatch : ::testing::Test {
  static constexpr auto kWatch = "r1-watch";
  JumpingClock clock;
  Moments moments;
  Utc zone;
  std::unique_ptr<store::Memory> memory = std::make_unique<store::Memory>();
  run::Runbook book;
  Time since{};
  std::set<std::int64_t> acted;       // ids of looks that acted, each once however often it was asked
  std::map<std::int64_t, int> begun;  // how often one of them was begun anew
  std::function<watch::Seen(Time)> finds = [](Time) { return watch::Seen::well; };
  std::function<std::optional<bool>(Time)> rule = [](Time) { return false; };
  Result<> way_back = {};
  int ways_back = 0;

  void SetUp() override {
    book = {.environment = "production", .version = "2", .subjects = {{"api", {"2", "api@2"}, {"1", "api@1"}}}};
    book.steps = {{.path = "rollout/a"}};
  }
  run::Duty duty(std::string name, run::When when, run::Effect effect = run::Effect::looks) {
    return {std::move(name), std::move(when), {{.path = "look", .effect = effect}}};
  }
  // A run is done, and opens its watch in the same append.
  void ship(const std::string& run = "r1") {
    auto info = store::testing::a_run(run);
    info.environment = "production";
    auto first = engine::record_of(run::Event(run::Started{.runbook = book}), 1, clock.t);
    ASSERT_TRUE(ok(wait(memory->create(info, {first}))));
    end(run, run::Ending::done);
    since = clock.t;
  }
  void end(const std::string& run, run::Ending how) {
    auto info = wait(memory->info(run));
    run::State state;
    auto records = wait(memory->read(run));
    for (auto& record : *records)
      if (!ports::written_by_the_store(record)) run::fold(state, *engine::event_of(record), record.at);
    run::Ended ended{how, "so it ended"};
    auto then = engine::watch_after(state, ended, run, clock.t);
    then.close = ports::Close{spec::encode(how).get<std::string>(), "so it ended", true};
    auto record = engine::record_of(run::Event(ended), info->seq + 1, clock.t);
    ASSERT_TRUE(ok(wait(memory->append(run, info->epoch, info->seq, {record}, std::move(then)))));
  }

  engine::WatchWorld world(MomentousJournal& journal) {
    return {.clock = clock,
            .journal = journal,
            .zone = zone,
            .look = [this](watch::DueLook look) { return carry_out(look); },
            .read = [this](const spec::Condition&) { return watch::RuleSeen{rule(clock.t), false, "7%"}; },
            .take_back = [this](std::string) -> ports::Task<> {
              ++ways_back;
              co_return way_back;
            }};
  }
  // It takes a second, and may be killed before and behind what it does. What a key began is not begun again.
  ports::Task<engine::LookEnd> carry_out(watch::DueLook look) {
    moments.pass();
    if (look.id != 0 && acted.insert(look.id).second) ++begun[look.id];
    if (auto slept = co_await clock.sleep_until(clock.t + 1s); !slept) co_return std::unexpected(slept.error());
    moments.pass();
    co_return engine::LookEnd{.seen = finds(clock.t), .says = "so it is", .items = {}, .told = {}, .took = 1s};
  }

  // One life of who keeps it, until `until`, its end, or it is killed. False: killed.
  bool keep(Time until, Result<>* how = nullptr) {
    auto context = std::make_unique<asio::io_context>(1);
    MomentousJournal journal(*memory, moments);
    bool killed = false;
    std::optional<Result<>> done;
    {
      engine::WatchLoop loop(context->get_executor(), world(journal), kWatch);
      asio::co_spawn(*context, loop.go({.who = "test"}), [&](std::exception_ptr e, Result<> r) {
        if (e) std::rethrow_exception(e);
        done = r;
      });
      try {
        while (!done && clock.t < until) {
          context->restart();
          context->poll();
          if (!done && (clock.sleepers.empty() || clock.sleepers.begin()->first > until))
            clock.t = until;
          else if (!done)
            clock.jump();
        }
      } catch (const Killed&) {
        killed = true;
      }
      loop.drop();
      clock.sleepers.clear();
      context.reset();
    }
    if (done && how) *how = *done;
    return !killed;
  }

  watch::State state() { return engine::replay_watch(*wait(memory->read(kWatch)))->state; }
  template <class T>
  std::vector<T> events() {
    std::vector<T> out;
    auto records = wait(memory->read(kWatch));
    for (auto& record : *records)
      if (!ports::written_by_the_store(record))
        if (auto e = engine::watch_event_of(record))
          if (auto one = std::get_if<T>(&*e)) out.push_back(*one);
    return out;
  }
  // Of each duty as much as its own calendar says, looked at or missed.
  void expect_all_accounted(Time until) {
    auto s = state();
    for (watch::DutyIx i = 0; i < std::ssize(s.duties); ++i) {
      auto& one = s.duties[static_cast<std::size_t>(i)];
      auto due = watch::due_between(s.book.watch[static_cast<std::size_t>(i)].when, since, since,
                                    std::min(until, one.done_to), zone);
      EXPECT_EQ(one.looks + one.missed, due.times) << s.book.watch[static_cast<std::size_t>(i)].name;
      auto left =
          watch::due_between(s.book.watch[static_cast<std::size_t>(i)].when, since, one.done_to, until - 11min, zone);
      EXPECT_EQ(left.times, 0) << s.book.watch[static_cast<std::size_t>(i)].name
                               << " was due, and nobody says what became of it";
    }
  }
};

// S1's watch with its real lengths: all looked at, in simulated time.
TEST_F(KeepingWatch, ADayOfLooksAfterARollout) {
  for (Duration after : {5min + 0s, 15min + 0s, 30min + 0s, 60min + 0s, 240min + 0s, 480min + 0s, 1440min + 0s})
    book.watch.push_back(duty(human(after), {.after = after}));
  ship();
  EXPECT_TRUE(keep(since + 25h));
  EXPECT_THAT(events<watch::Looked>(), SizeIs(7));
  EXPECT_THAT(events<watch::Missed>(), SizeIs(0));
  EXPECT_THAT(events<watch::Over>(), SizeIs(1));
  EXPECT_EQ(wait(memory->stream(kWatch))->ending, "over");
}

// S2's four weeks; a look that changes nothing is no entry of its own.
TEST_F(KeepingWatch, FourWeeksOfMinutesAreFewEntries) {
  book.watch = {duty("minutes", {.beats = {{1min, 24h * 28}}})};
  ship();
  EXPECT_TRUE(keep(since + 24h * 28 + 1h));
  EXPECT_EQ(state().duties[0].looks, 28 * 24 * 60);
  EXPECT_LT(wait(memory->read(kWatch))->size(), 28u * 24 * 6 + 10);
}

TEST_F(KeepingWatch, KilledAtAnyMomentNothingIsMissedAndWhatActsIsDoneOnce) {
  book.watch = {duty("soon", {.after = 5min}), duty("often", {.beats = {{7min, {}}}, .dated = false}),
                duty("backup", {.every = run::Every::day, .at = 0, .dated = false}, run::Effect::changes)};
  finds = [this](Time t) { return t < since + 3h || t > since + 5h ? watch::Seen::well : watch::Seen::failed; };
  ship();
  EXPECT_TRUE(keep(since + 26h));
  auto all = moments.seen;
  ASSERT_GE(all, 100);
  for (int deadly = 0; deadly < all; ++deadly) {
    SCOPED_TRACE(deadly);
    memory = std::make_unique<store::Memory>();
    clock.t = store::testing::at(0);
    acted.clear(), begun.clear();
    ship();
    moments = {.deadly = deadly};
    bool whole = keep(since + 26h);
    moments = {};
    if (!whole) {
      clock.t += 3s;  // who starts it again
      keep(since + 26h);
    }
    expect_all_accounted(since + 26h);
    auto s = state();
    EXPECT_EQ(s.duties[2].looks, 2) << "both midnights";
    for (auto& [id, times] : begun) EXPECT_EQ(times, 1) << "look " << id << " acted twice";
    EXPECT_EQ(std::ssize(acted), s.looks_begun);
    if (HasFailure()) return;
  }
}

TEST_F(KeepingWatch, SuspendedForAnHourMakesUpOnceAndSaysWhatWasMissed) {
  book.watch = {duty("often", {.beats = {{1min, {}}}, .dated = false}), duty("soon", {.after = 30min})};
  ship();
  EXPECT_TRUE(keep(since + 10min + 30s));
  clock.t += 1h;
  EXPECT_TRUE(keep(since + 2h));
  expect_all_accounted(since + 2h);
  EXPECT_EQ(state().duties[1].looks, 1);
  EXPECT_THAT(events<watch::Missed>(), SizeIs(1));
}

TEST_F(KeepingWatch, OfTwoWhoKeepItOneLetsGo) {
  book.watch = {duty("often", {.beats = {{1min, {}}}, .dated = false})};
  ship();
  EXPECT_TRUE(keep(since + 5min));
  auto before = wait(memory->stream(kWatch))->epoch;
  auto claimed = engine::record_of(watch::Event(run::Claimed{.epoch = before + 1}), 0, clock.t);
  auto info = wait(memory->stream(kWatch));
  // Another takes it in the middle of our life.
  auto taken = false;
  finds = [&](Time t) {
    if (!std::exchange(taken, true))
      EXPECT_TRUE(ok(wait(memory->claim(kWatch, info->epoch + 2, wait(memory->stream(kWatch))->seq, {claimed}))));
    return t > Time{} ? watch::Seen::failed : watch::Seen::well;  // news, so it is written at once
  };
  Result<> how;
  EXPECT_TRUE(keep(since + 20min, &how));
  ASSERT_FALSE(how);
  EXPECT_EQ(how.error().code, Code::conflict);
}

// A run that begins takes the watch away; where it changes nothing the watch goes on, where it ships it is over.
TEST_F(KeepingWatch, ARunSuspendsItAndWhatItEndsWithDecides) {
  book.watch = {duty("often", {.beats = {{1min, {}}}, .dated = false})};
  ship();
  EXPECT_TRUE(keep(since + 5min));
  auto begins = [&](const std::string& run) {
    auto first = engine::record_of(run::Event(run::Started{.runbook = book}), 1, clock.t);
    auto info = store::testing::a_run(run);
    info.environment = "production";
    ASSERT_TRUE(ok(wait(memory->create(info, {first}))));
  };
  begins("r2");
  clock.t += 10min;
  end("r2", run::Ending::rolled_back);
  EXPECT_FALSE(wait(memory->stream(kWatch))->ending) << "its release serves on";
  EXPECT_TRUE(keep(since + 20min));
  expect_all_accounted(since + 20min);
  EXPECT_THAT(events<watch::Missed>().at(0).why, HasSubstr("a run was under way"));
  begins("r3");
  end("r3", run::Ending::done);
  EXPECT_EQ(wait(memory->stream(kWatch))->ending, "superseded");
  EXPECT_FALSE(wait(memory->stream("r3-watch"))->ending);
}

TEST_F(KeepingWatch, ARuleThatHoldsTakesItBackWithinTheWindowAndTriesOn) {
  book.watch = {duty("day", {.after = 24h})};
  book.rules = {{*spec::parse_condition("error_rate > 5% for 1m"), run::Consequence::roll_back}};
  rule = [this](Time t) { return std::optional(t > since + 10min); };
  way_back = fail(Code::refused, "the router does not answer");
  ship();
  EXPECT_TRUE(keep(since + 20min));
  EXPECT_EQ(ways_back, 9) << "each minute, until it begins";
  EXPECT_THAT(events<watch::BackWanted>(), SizeIs(1));
  EXPECT_EQ(state().alarms.size(), 1u);
}

TEST_F(KeepingWatch, ARuleThatHoldsBehindTheWindowCallsPeople) {
  book.watch = {duty("day", {.after = 24h})};
  book.rules = {{*spec::parse_condition("error_rate > 5%"), run::Consequence::roll_back}};
  rule = [this](Time t) { return std::optional(t > since + 3h && t < since + 12h); };
  ship();
  EXPECT_TRUE(keep(since + 13h));
  EXPECT_EQ(ways_back, 0);
  EXPECT_THAT(events<watch::AlarmBegan>(), SizeIs(1));
  EXPECT_THAT(events<watch::AlarmGoesOn>(), SizeIs(2)) << "told again after four hours, and after eight";
  EXPECT_THAT(events<watch::AlarmOver>(), SizeIs(1));
}

}  // namespace
}  // namespace davy::testing
