// The adapters between a Call, which is data, and the narrow interface of its port. One per port; all of them together
// are what a run may do to the world.
#pragma once
#include "engine/run/alone.h"
#include "engine/run/arguments.h"
#include "engine/run/healing.h"
#include "engine/run/routed.h"
#include "ports/operator.h"
#include "ports/registry.h"

namespace davy::engine {

namespace asio = boost::asio;

struct ServicePorts {
  std::unique_ptr<ports::Platform> platform;
  std::unique_ptr<ports::Router> router;  // null: nobody is routed
};

// What the operators of one run share.
struct Surroundings {
  ports::Outside outside;
  const ports::Registry* registry = nullptr;
  std::string run;
  run::Runbook runbook;
  std::map<std::string, ServicePorts> services;
  // Kept fresh by the router's operator, read by the signals.
  std::map<std::string, std::string> release_of_server = {};
  std::map<std::string, Routed> routed = {};  // by service: how the router was last left
  // And how the newest step left it: what anybody changed since is not in it.
  std::map<std::string, Routed> ordered = {};
  // Services whose router forgot what it was told, and was not told all of it yet.
  std::set<std::string> forgetting = {};
  Down down = {};                          // releases of which nobody is up
  run::Side serves = run::Side::previous;  // who has the users before any step of this run
  int routing = 0;                         // router calls under way: heal() keeps out of them

  const run::Step& step(const run::Attempt& a) const { return runbook.steps[static_cast<std::size_t>(a.step)]; }
  // Of a step that is about one service. Its release: the side that the step means.
  const run::Subject& subject(const run::Attempt& a) const { return subject(step(a).subject); }
  const run::Subject& subject(std::int32_t i) const { return runbook.subjects[static_cast<std::size_t>(i)]; }
  const run::Release& release(const run::Attempt&) const;
  const run::Release& other_release(const run::Attempt&) const;
  const run::Release& serving(std::int32_t subject) const;  // before any step of this run
  ServicePorts& ports_of(const run::Attempt& a) { return services.at(subject(a).service); }

  ports::Asking asking(const run::Attempt&) const;                            // of the step's own service and side
  ports::Asking asking(std::int32_t subject, run::Side) const;                // a question without a step
  ports::Task<std::vector<ports::Endpoint>> instances(std::int32_t subject);  // of both its releases
  asio::awaitable<ports::Done> end_commands(run::Attempt);  // all that were launched for it; cancelled, or unknown

  void learn(const Routed&);  // whose servers these are

  // What a start of this release is told: of the router's addresses, those that are not its own. An Error where the
  // router does not say: whoever is missed for it waits; whoever brings users home goes on without.
  ports::Task<ports::Asking> to_start(const run::Release&, std::int32_t subject, ports::Asking);

  // The previous release of that step's service, so many instances of it, started as it was shipped where it is not
  // healthy: true; false: it was. Repeatable.
  ports::Task<bool> bring_up_previous(run::Attempt, std::int64_t instances);

  // On the way back, before the candidate is taken away: each instance of the previous release is healthy, started anew
  // as it was shipped where it is not. Code::refused when it cannot be: else nobody would be left.
  ports::Task<> see_that_previous_is_well(run::Attempt, run::Call);
};

// What every command and probe is told that is about this service (run::kNone: about no one) and side.
ports::Asking asking_for(const run::Runbook&, std::int32_t subject, run::Side);

class Operators {
 public:
  explicit Operators(Surroundings);
  ~Operators();
  Operators(const Operators&) = delete;

  ports::Operator* resolve(const run::Call&);  // null: unknown port
  ports::Task<ports::WayBack> way_back();      // of all routers and platforms
  // After a start: release_of_server, and routed. left: what this run left behind, by its journal. It stands where the
  // router has forgotten it; otherwise what the router shows is how it was left, whoever changed it meanwhile.
  // serves: who has the users before any step, where the router knows nobody; in a run that takes one back it is the
  // candidate.
  void left(std::map<std::string, Routed>, run::Side serves);
  ports::Task<> refresh();
  bool known() const { return known_; }  // refresh() has come to its end

  // The candidates' shares of their services' users, as the routers were last left; only of whom that is known.
  std::map<std::string, double> asked() const;

  // Nobody is up any more of a previous release whose candidate runs (home), or of a candidate that was given users (of
  // candidates): in a sentence; "": of each somebody is, or it cannot be told. Of routers that look after the health of
  // their servers.
  ports::Task<std::string> nobody_home(std::int32_t subject);
  ports::Task<std::string> nobody_of_candidates();

  // What routers forgot, all of them. Code::conflict: not now, somebody is at work on one.
  ports::Task<> heal(Heal, ports::Guard* = nullptr);
  Duration forget() const;  // how soon the most forgetful router may; Duration::max(): there is none
  const std::map<std::string, std::string>& release_of_server() const { return around_.release_of_server; }

 private:
  ports::Task<std::vector<ports::Move>> moves_of(std::int32_t subject);
  ports::Task<std::string> nobody_of(std::int32_t subject, run::Side);
  ports::Router* watchful(std::int32_t subject);  // its router, where that looks after the health of its servers
  Surroundings around_;
  bool known_ = false;
  std::map<std::string, std::unique_ptr<ports::Operator>> by_port_;
};

// Makes each service's platform and router from the runbook's setup.
Result<std::map<std::string, ServicePorts>> make_services(const run::Runbook&, const ports::Registry&, ports::Outside&,
                                                          const std::string& state_dir);

// An operator whose calls may be made again at any time: resume is start. What providers launched for a call goes on
// when the call is cancelled: stop ends it, that it may not go on beside its undo.
struct Repeatable : ports::Operator {
  explicit Repeatable(Surroundings& around) : s(around) {}
  Surroundings& s;
  ports::Task<spec::Value> prepare(const run::Attempt&, const run::Call&) override { co_return spec::Value{}; }
  asio::awaitable<ports::Done> start(const run::Attempt&, const run::Call&) override;
  asio::awaitable<ports::Done> resume(const run::Attempt& a, const run::Call& c) override { return start(a, c); }
  asio::awaitable<ports::Done> stop(const run::Attempt& a, const run::Call&) override { return s.end_commands(a); }
  virtual ports::Task<ports::Done> act(run::Attempt, run::Call) = 0;
};

// ok with its words, or what an Error means: refused and cancelled stay what they are, the rest failed.
ports::Done done(Result<ports::Done>);

std::unique_ptr<ports::Operator> platform_operator(Surroundings&);
std::unique_ptr<ports::Operator> roller_operator(Surroundings&);
std::unique_ptr<ports::Operator> router_operator(Surroundings&);
std::unique_ptr<ports::Operator> probe_operator(Surroundings&);
std::unique_ptr<ports::Operator> command_operator(Surroundings&);
std::unique_ptr<ports::Operator> folder_operator(Surroundings&);
std::unique_ptr<ports::Operator> backup_operator(Surroundings&);
std::unique_ptr<ports::Operator> notice_operator(Surroundings&);
std::unique_ptr<ports::Operator> maintenance_operator(Surroundings&);
std::unique_ptr<ports::Operator> drain_operator(Surroundings&);
std::unique_ptr<ports::Operator> wait_operator(Surroundings&);
std::unique_ptr<ports::Operator> person_operator(Surroundings&);

}  // namespace davy::engine
