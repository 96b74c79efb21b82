#include "testing/simulate.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/detached.hpp>

#include "engine/run/keeping_routers.h"
#include "engine/run/operators.h"
#include "engine/run/run_loop.h"
#include "store/bodies.h"
#include "testing/books.h"
#include "testing/sim_ports.h"

namespace davy::testing {
namespace {

using namespace std::chrono_literals;

constexpr int kMostLives = 40;
constexpr std::size_t kMostRecords = 3000;

void lay_out(Reality& r, const Scenario& s) {
  r.quality = s.quality;
  r.faults = s.faults;
  r.from_files = s.strategy == "in-place" && !both_can_run(s);
  r.by_itself = s.strategy == "ship";
  r.in_place = (s.strategy == "in-place" && s.in_place != "replace") || s.first_release;
  r.both_can_run = both_can_run(s) && !s.first_release;
  r.outage = s.outage;
  r.die_at = s.first_death;
  r.undo_behind = s.behind;
  r.falls_silent = s.silence;
  r.goes_quietly = s.goes_quietly;
  r.forgetful = s.forgets_at > Time{} || s.left_alone || s.left_at_home || s.goes_quietly > Duration{};
  r.leaves_alone = s.left_alone;
  r.leaves_home = s.left_at_home;
  if (s.forgets_at > Time{}) r.forgets_at = r.now + s.forgets_at.time_since_epoch();
  r.services = services_of(s);
  if (s.first_release) {
    r.code = "0";
    return;
  }
  r.previous_as = spec::dump(spec::encode(previous_options()));
  for (auto& service : r.services) {
    auto previous = service + "@1~q";
    r.proven.insert(previous);
    for (int i = 0; i < kInstances; ++i) {
      r.instances[previous][i] = {!s.outage, !s.outage, r.previous_as};
      r.servers[fmt::format("{}:{}", previous, i)] = {previous, 256, false};
    }
    if (!s.left_canary) continue;
    auto stranger = service + "@0~p";
    r.instances[stranger][0] = {};
    r.proven.insert(stranger);
    r.servers[stranger + ":0"] = {stranger, 114, false};
  }
}

// One process of Davy: everything it is made of, in the order in which it must be taken apart.
class Davy {
 public:
  explicit Davy(Reality& r)
      : life_(r),
        clock_(life_),
        journal_(life_),
        samples_(life_),
        guard_(life_),
        process_(life_),
        signals_(life_),
        files_(r) {}

  std::optional<Result<run::Ending>> live(const run::Runbook& book) {
    engine::Surroundings around{.outside = {clock_, process_, instances_, http_, line_, files_},
                                .registry = &registry_,
                                .run = "r",
                                .runbook = book};
    for (auto& service : life_.reality.services) {
      around.services[service].platform = std::make_unique<SimPlatform>(life_);
      if (!life_.reality.by_itself) around.services[service].router = std::make_unique<SimRouter>(life_, service);
    }
    engine::Operators operators(std::move(around));
    engine::RunLoop loop(
        life_.executor(),
        {clock_, journal_, samples_, signals_, guard_, [this](std::int64_t after) { return desk(after); },
         [&](const run::Call& c) { return operators.resolve(c); }, [&] { return operators.way_back(); },
         [&] { return operators.asked(); }, [&] { return engine::leave_routers(clock_, guard_, operators); }},
        "r");
    auto before = engine::replay(life_.reality.journal);
    DAVY_CHECK(before.has_value());
    operators.left(engine::left_behind(book, life_.reality.journal), run::served_before(before->state));
    std::optional<Result<run::Ending>> how;
    asio::co_spawn(life_.executor(), drive(operators, loop, before->state),
                   [&](std::exception_ptr e, Result<run::Ending> h) {
                     if (e) std::rethrow_exception(e);
                     how = std::move(h);
                   });
    // Held with nobody who will answer is as far as a run can come.
    auto waits = [&] { return loop.state().mode == run::Mode::held && life_.reality.now > held_since(loop) + 10min; };
    auto endless = [&] { return life_.reality.journal.size() > kMostRecords; };
    life_.run([&] { return how.has_value() || waits() || endless(); });
    if (endless()) life_.reality.violated("the journal grows without an end");
    held_ = !how && loop.state().mode == run::Mode::held;
    loop.drop();
    life_.drop();
    return how;
  }
  bool held() const { return held_; }

 private:
  asio::awaitable<Result<run::Ending>> drive(engine::Operators& operators, engine::RunLoop& loop,
                                             const run::State& before) {
    bool known = !life_.reality.forgetful || co_await engine::know_routers(guard_, operators, before);
    asio::co_spawn(life_.executor(),
                   engine::keep_routers(clock_, guard_, operators, loop.state(), known,
                                        [&loop](run::Input in) { loop.tell(std::move(in)); }),
                   asio::detached);
    auto how = co_await loop.go({.host = "sim"});
    co_return how;
  }
  Time held_since(const engine::RunLoop& loop) {
    if (loop.state().mode != run::Mode::held) return since_ = {};
    return since_ = since_ == Time{} ? life_.reality.now : since_;
  }
  ports::Task<std::vector<ports::DeskEntry>> desk(std::int64_t after) {
    for (;;) {
      std::vector<ports::DeskEntry> out;
      std::optional<Time> next;
      for (auto& e : life_.reality.desk)
        if (e.number > after) e.at <= life_.reality.now ? out.push_back(e) : void(next = e.at);
      if (!out.empty()) co_return out;
      if (!co_await life_.sleep_until(next.value_or(life_.reality.now + 24h * 365)))
        co_return fail(Code::cancelled, "closed");
    }
  }

  Life life_;
  SimClock clock_;
  SimJournal journal_;
  SimSamples samples_;
  SimGuard guard_;
  SimProcess process_;
  SimSignals signals_;
  SimFiles files_;
  NoInstances instances_;
  NoHttp http_;
  NoDialer line_;
  ports::Registry registry_;
  bool held_ = false;
  Time since_{};
};

// One router that is dead or lies keeps the users of no other with the candidate; those of whom nobody is at home stay.
void expect_everybody_moved_back(Reality& r) {
  if (r.now < r.silent_until) return;
  for (auto& service : r.services)
    if (service != r.away && service != r.liar && r.well(service + "@1~q") && r.share_of_candidate(service) > 0 &&
        (!r.by_itself || r.goes_to_candidate(service)))
      r.violated("nobody judged for as long as the guard is patient, and users of " + service +
                 " are still with the candidate");
}

// The time between two lives: the keeper starts the next at once; without it somebody has to notice.
void be_dead(Reality& r, const Scenario& s) {
  bool keeper_too = s.kills_keeper && r.chance(0.5);
  if (keeper_too) r.keeper_dies();
  auto history = engine::replay(r.journal);
  bool over = r.closed.has_value();                                // what is left to do then takes no long look
  bool for_hours = history && !history->state.takes_back.empty();  // users were with it, and nobody guarded them
  bool has_way_back = history && !s.first_release && !r.outage && !run::parted(history->state) && !for_hours &&
                      !run::users_on_their_way(history->state);  // who drives it on begins with that
  auto gap = keeper_too                                ? r.between(1s, 5min)
             : !over && r.chance(s.second ? 0.4 : 0.1) ? r.between(10s, 40s)
                                                       : r.between(200ms, 1s);
  if (s.second && r.chance(0.5)) (r.chance(0.5) ? r.away : r.liar) = r.services[r.random() % r.services.size()];
  for (auto until = r.now + gap; r.now < until;) {
    auto piece = std::min<Duration>(1s, until - r.now);
    if (r.share_of_candidate() > 0) r.unjudged += piece;
    if (r.share_of_candidate() > 0 && r.keeper_alive && !r.armed && !r.taken && has_way_back)
      r.violated("a candidate has users, Davy is dead, and the keeper is not armed");
    r.now += piece;
    r.time_passes();
    bool due = r.keeper_alive && r.armed && r.now - r.last_judged >= r.armed->patience;
    r.keeper_watches();
    if (due) expect_everybody_moved_back(r);
  }
  r.away.clear(), r.liar.clear();
  r.dead = false;
}

std::vector<std::string> told(const Reality& r) {
  std::vector<std::string> out;
  for (auto& record : r.journal)
    if (record.kind != "run started")
      out.push_back(fmt::format("{:>10} {} {}", human(record.at - r.journal.front().at), record.kind,
                                record.body.substr(0, 200)));
  return out;
}

// The journal of a run that was created and that nobody has driven yet.
std::vector<ports::Record> begun(const Reality& r, const run::Started& started) {
  return {store::opened(store::stream_of({.id = "r", .services = {"app"}, .started = r.now})),
          engine::record_of(started, 2, r.now)};
}

// Lives and deaths of Davy until the run has ended or waits for people; then the books are checked.
void come_to_an_end(Reality& r, const Scenario& s, const run::Runbook& book, Report& report, int& deaths) {
  report.ending.clear();
  while (report.ending.empty() && report.lives < kMostLives && r.violations.empty()) {
    ++report.lives;
    Davy davy(r);
    auto how = davy.live(book);
    if (how && *how)
      report.ending = spec::encode(**how).get<std::string>();
    else if (how)
      r.violated("the engine stopped: " + how->error().message);
    else if (davy.held())
      report.ending = "held";
    else {
      be_dead(r, s);
      r.die_at = --deaths > 0 ? r.acts + 1 + static_cast<std::int64_t>(r.random() % 12) : -1;
    }
  }
  if (report.ending.empty()) r.violated("no end");
  check_end(r, s, report.ending);
}

// Hours later: a run of its own, with all that the one before did to undo.
void begin_to_take_back(Reality& r) {
  auto done = engine::replay(r.journal);
  DAVY_CHECK(done.has_value());
  auto back = run::taking_back(done->state, "r");
  back.who = {.who = "eve"};
  r.now += r.between(1min, 24h);
  r.journal = begun(r, back);
  r.desk.clear(), r.closed.reset(), r.epoch = 0;
  r.commands.clear();  // another run, another spool
  r.retreating = false, r.shares.clear();
}

}  // namespace

Report simulate(std::uint64_t seed) { return simulate(seed, scenario_of(seed)); }

Report simulate(std::uint64_t seed, const Scenario& s) {
  Reality r(seed);
  lay_out(r, s);
  auto book = book_of(s);
  r.journal = begun(r, {.runbook = book, .hash = "hash", .who = {.who = "ann"}});
  if (!s.asks.empty())
    r.desk.push_back({1, r.now + s.asks_at.time_since_epoch(), "bob", s.asks, s.asks == "waive" ? "error_rate" : "",
                      "somebody knows"});
  if (s.asks == "hold") r.desk.push_back({2, r.now + s.asks_at.time_since_epoch() + 1min, "bob", "resume", "", ""});
  Report report{.seed = seed, .scenario = s};
  auto deaths = s.deaths;
  come_to_an_end(r, s, book, report, deaths);
  if (report.ending == "done" && s.regretted && !s.first_release && r.violations.empty()) {
    begin_to_take_back(r);
    come_to_an_end(r, s, book, report, deaths);
    if (report.ending == "done") r.violated("it was to be taken back, and ended done");
  }
  report.events = r.journal.size(), report.acts = r.acts, report.unjudged = r.unjudged;
  report.asides = static_cast<int>(std::ranges::count(r.journal, "stepped aside", &ports::Record::kind));
  report.violations = r.violations;
  if (!r.violations.empty()) report.journal = told(r);
  return report;
}

}  // namespace davy::testing
