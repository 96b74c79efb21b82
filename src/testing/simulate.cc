#include "testing/simulate.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/detached.hpp>

#include "engine/run/keeping_routers.h"
#include "engine/run/operators.h"
#include "engine/run/run_loop.h"
#include "rollout/rollout.h"
#include "store/bodies.h"
#include "testing/sim_ports.h"

namespace davy::testing {
namespace {

using namespace std::chrono_literals;

constexpr int kInstances = 4;
constexpr int kMostLives = 40;
constexpr std::size_t kMostRecords = 3000;

plan::Step step(auto what, std::optional<std::string> undo = {}) {
  plan::Step out;
  out.what = std::move(what);
  out.common.undo = std::move(undo);
  return out;
}

plan::Phase phase(double share, Duration bake, std::optional<run::Trouble> trouble = {}) {
  return {Ratio{share}, bake, {*spec::parse_condition("error_rate < 2%")}, trouble};
}

// In place, where both releases can run.
bool both_can_run(const Scenario& s) { return s.in_place == "beside" || s.in_place == "replace"; }

std::vector<plan::Step> in_place(const std::string& how) {
  plan::Step release =
      step(plan::Releasing{{step(plan::Run{"ship", ""}), step(plan::Migrate{"migrate", false}, "migrate back")}});
  auto on = step(plan::Maintenance{true}), off = step(plan::Maintenance{false}), wait = step(plan::Wait{30s});
  auto drain = step(plan::Drain{{}, 10s, plan::Otherwise::close});
  auto stop = step(plan::Stop{}), start = step(plan::Start{}), restart = step(plan::Restart{});
  if (how == "restart") return {on, release, restart, off, wait};
  if (how == "beside") return {on, drain, stop, start, off, wait};
  if (how == "replace") return {restart, wait};
  return {on, drain, stop, release, start, off, wait};
}

std::vector<plan::Step> rollout_of(const std::string& strategy) {
  if (strategy == "canary")
    return {step(plan::Canary{{phase(.05, 5s), phase(.25, 5s, run::Trouble::step_back), phase(1, 5s)}})};
  if (strategy == "long-canary")
    return {step(plan::Run{"work", ""}, "work"),
            step(plan::Canary{{phase(.05, 48h), phase(.25, 72h, run::Trouble::step_back), phase(1, 24h)}})};
  if (strategy == "blue-green") return {step(plan::BlueGreen{10s, {}}), step(plan::Run{"work", ""}, "nothing")};
  if (strategy == "rolling") return {step(plan::Rolling{{Ratio{.25}, Ratio{.5}, Ratio{.75}, Ratio{1}}, 3s, {}})};
  return {};
}

spec::Value options(std::string command) {
  return spec::object({{"instances", {}, spec::number(kInstances)}, {"command", {}, spec::text(std::move(command))}});
}

// The plan has changed since release 1 was shipped: going back must not start it as the plan says now.
const spec::Value kPreviousAs = options("app-1 --as-it-was");

std::vector<std::string> services_of(const Scenario& s) {
  return s.second ? std::vector<std::string>{"app", "web"} : std::vector<std::string>{"app"};
}

plan::Plan plan_of(const Scenario& s) {
  plan::Plan p;
  for (auto& name : services_of(s)) {
    p.services.push_back({name, {"sim", options("app-${version}"), {}}, plan::Provider{"sim", spec::object({}), {}}});
    p.services.back().side_by_side = s.strategy != "in-place" || both_can_run(s);
  }
  p.environments = {{"production", "http://app", "", "UTC", {}}};
  p.maintenance = plan::MaintenanceMode{"/maintenance", false, ""};
  p.rollback_window = 24h * 30;
  p.secrets = {"TOKEN"};
  if (!s.by_tests) p.judge.rules = {{*spec::parse_condition("error_rate > 5%"), run::Consequence::roll_back}};
  p.rollout = s.strategy == "in-place" ? in_place(s.in_place) : rollout_of(s.strategy);
  if (!s.behind.empty()) p.rollout.push_back(step(plan::Run{"tell", ""}, "tell back"));
  if (s.gate == "ticket") p.rollout.insert(p.rollout.begin(), step(plan::Run{"ticket", ""}, "impossible"));
  if (s.gate == "migration") p.rollout.insert(p.rollout.begin(), step(plan::Migrate{"migrate", true}, "impossible"));
  return p;
}

run::Runbook book_of(const Scenario& s) {
  std::vector<run::Subject> subjects;
  for (auto& name : services_of(s)) {
    auto& one = subjects.emplace_back(name, run::Release{"2", name + "@2~r"});
    if (!s.first_release) one.previous = {"1", name + "@1~q", kPreviousAs};
  }
  auto book = rollout::expand(plan_of(s), {"production", "2", "r", subjects});
  DAVY_CHECK(book.has_value());
  return *book;
}

void lay_out(Reality& r, const Scenario& s) {
  r.quality = s.quality;
  r.faults = s.faults;
  r.from_files = s.strategy == "in-place" && !both_can_run(s);
  r.in_place = (s.strategy == "in-place" && s.in_place != "replace") || s.first_release;
  r.both_can_run = both_can_run(s) && !s.first_release;
  r.outage = s.outage;
  r.die_at = s.first_death;
  r.undo_behind = s.behind;
  r.falls_silent = s.silence;
  r.goes_quietly = s.goes_quietly;
  r.forgetful = s.forgets_at > Time{} || s.left_alone || s.goes_quietly > Duration{};
  r.leaves_alone = s.left_alone;
  if (s.forgets_at > Time{}) r.forgets_at = r.now + s.forgets_at.time_since_epoch();
  r.services = services_of(s);
  if (s.first_release) {
    r.code = "0";
    return;
  }
  r.previous_as = spec::dump(spec::encode(kPreviousAs));
  for (auto& service : r.services) {
    auto previous = service + "@1~q";
    r.proven.insert(previous);
    for (int i = 0; i < kInstances; ++i) {
      r.instances[previous][i] = {!s.outage, !s.outage, r.previous_as};
      r.servers[fmt::format("{}:{}", previous, i)] = {previous, 256, false};
    }
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
      around.services[service].router = std::make_unique<SimRouter>(life_, service);
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

// One router that is dead or lies keeps the users of no other with the candidate.
void expect_everybody_moved_back(Reality& r) {
  if (r.now < r.silent_until) return;
  for (auto& service : r.services)
    if (service != r.away && service != r.liar && r.share_of_candidate(service) > 0)
      r.violated("nobody judged for as long as the guard is patient, and users of " + service +
                 " are still with the candidate");
}

// The time between two lives: the keeper starts the next at once; without it somebody has to notice.
void be_dead(Reality& r, const Scenario& s) {
  bool keeper_too = s.kills_keeper && r.chance(0.5);
  if (keeper_too) r.keeper_dies();
  auto history = engine::replay(r.journal);
  bool for_hours = history && !history->state.takes_back.empty();  // users were with it, and nobody guarded them
  bool has_way_back = history && !s.first_release && !r.outage && !run::parted(history->state) && !for_hours &&
                      !run::users_on_their_way(history->state);  // who drives it on begins with that
  auto gap = keeper_too                       ? r.between(1s, 5min)
             : r.chance(s.second ? 0.4 : 0.1) ? r.between(10s, 40s)
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

void expect(Reality& r, bool holds, const std::string& what) {
  if (!holds) r.violated(what);
}

// A good version may alarm the judge in one run of a hundred: that is its alpha, measured in bench/. And a keeper that
// missed its engine for too long takes back whatever it is.
bool alarmed(const Reality& r) {
  return std::ranges::any_of(r.journal, [](auto& e) { return e.kind == "verdict" || e.kind == "way back taken"; });
}

// In the middle of a step: then it has failed, and people are asked, whatever the version is.
bool router_began_anew_in_a_step(const Reality& r) {
  return std::ranges::any_of(r.journal, [](auto& e) {
    return e.kind == run::AttemptEnded::kName && e.body.contains("the router was started anew meanwhile");
  });
}

bool decided_against(const Reality& r) {
  return std::ranges::any_of(r.journal, [](auto& e) {
    return e.kind == "way back taken" || (e.kind == "verdict" && !e.body.contains(R"("then":"note")"));
  });
}

bool taken_back(const Reality& r) {
  auto history = engine::replay(r.journal);
  return history && !history->state.takes_back.empty();
}

void check_taken_back(Reality& r, const Scenario& s, const std::string& service, const std::string& ending) {
  auto& previous = r.instances[service + "@1~q"];
  expect(r, s.first_release || previous.size() == kInstances,
         ending + ", but instances of the previous release are missing");
  expect(r, !r.alive(service + "@2~r"), ending + ", but the candidate still runs");
  for (auto& [index, one] : previous)
    expect(r, one.as == r.previous_as, ending + ", but the previous release runs with other options: " + one.as);
}

void check_end(Reality& r, const Scenario& s, const std::string& ending) {
  auto there = [&](const std::string& release) { return r.alive(release); };
  auto share = r.share_of_candidate();
  auto in_place = s.strategy == "in-place";
  auto insisted = s.asks == "promote";  // somebody said that a bake was long enough, whatever it had seen
  if (ending == "done") {
    expect(
        r,
        s.quality == Quality::good || s.quality == Quality::stumbles || in_place || insisted || s.faults.transient > 0,
        "done, but the version is bad");
    expect(r, !r.gone_quietly || insisted, "done, but nobody of the candidate lives");
    expect(r, share > 0.99, "done, but the candidate does not serve");
    for (auto& service : r.services)
      expect(r, !there(service + "@1~q"), "done, but the previous release of " + service + " still runs");
    expect(r, !r.from_files || (r.code == "2" && r.schema == 2), "done, but files or schema are not the candidate's");
  }
  if (ending == "rolled back" || ending == "refused") {
    expect(r, s.first_release || (share == 0 && r.serving()), ending + ", but the previous release does not serve");
    for (auto& service : r.services) check_taken_back(r, s, service, ending);
    expect(r, (r.schema == 1 || s.gate == "migration") && (!in_place || s.first_release || r.code == "1"),
           ending + ", but files or schema are not the previous ones");
  }
  if (ending == "done" || ending == "rolled back" || ending == "refused") {
    expect(r, !r.maintenance, ending + ", but maintenance is still on");
    expect(r, !r.armed, ending + ", but the guard is still armed");
    expect(r, r.closed == ending, ending + ", but the journal was not closed so");
  }
  // In an outage nobody else is there to give them to.
  if (ending == "needs people" && !in_place && !s.first_release && !s.outage)
    expect(r, share == 0 && r.serving(), "needs people, but the candidate still has users");
  auto undisturbed = s.asks.empty() && s.faults.transient == 0 && s.faults.lost_answers == 0 && !s.faults.stalls &&
                     !s.faults.blind && !s.kills_keeper && r.unjudged < 15s && !taken_back(r) && !r.gone_quietly;
  // In an outage nobody is judged beside: too few requests are for people to decide.
  if (s.quality == Quality::good && undisturbed && !alarmed(r) && !router_began_anew_in_a_step(r) &&
      !(s.outage && ending == "held"))
    expect(r, ending == "done", "a good version was not deployed: " + ending);
  // A bake of seconds says what it saw; in one of two days a bad second is nothing.
  if (s.quality == Quality::stumbles && s.strategy == "long-canary" && undisturbed && !decided_against(r))
    expect(r, ending == "done", "a version with one bad second was not deployed: " + ending);
  if (s.quality == Quality::bad && !in_place && !s.first_release && !insisted)
    expect(r, ending != "done", "a bad version was deployed");
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
    expect(r, report.ending != "done", "it was to be taken back, and ended done");
  }
  report.events = r.journal.size(), report.acts = r.acts, report.unjudged = r.unjudged;
  report.asides = static_cast<int>(std::ranges::count(r.journal, "stepped aside", &ports::Record::kind));
  report.violations = r.violations;
  if (!r.violations.empty()) report.journal = told(r);
  return report;
}

}  // namespace davy::testing
