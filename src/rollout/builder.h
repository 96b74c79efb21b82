// What the strategies share: where the next step goes, and the calls of each port as data.
#pragma once
#include <set>

#include "rollout/rollout.h"

namespace davy::rollout {

// Who serves beside the candidate when it is taken away again: in place, nobody may yet.
enum class Beside { nobody, previous };

class Builder {
 public:
  // `book` has its subjects and the plan's variables.
  Builder(const plan::Plan& plan, run::Runbook& book, std::string home = "")
      : plan_(plan), book_(book), home_(std::move(home)) {}

  const plan::Plan& plan() const { return plan_; }
  const std::vector<run::Subject>& subjects() const { return book_.subjects; }
  const plan::Service& service(const run::Subject&) const;
  bool first_release() const { return book_.first_release(); }
  bool routed(const run::Subject& s) const { return service(s).router.has_value(); }
  // Both releases at once, with users, on the same files and data, and room for their ports.
  bool both_can_run(const run::Subject&) const;
  // Who will serve beside a candidate that is started now when that is taken back.
  Beside beside(const run::Subject&) const;
  void stopped(const run::Subject& s) { stopped_.insert(s.service); }
  // Whether something after this `start` gives its candidate users: then that gives none.
  bool shares_follow(const plan::Step& start) const;
  // Once for each service: whether it is to be brought up now.
  bool comes_up(const run::Subject& s) { return up_.insert(s.service).second; }

  // Adds one step as a wave of its own; inside together(), all steps share one wave.
  run::Step& add(run::Step);
  void together(const std::function<void()>&);
  run::StepIx count() const { return static_cast<run::StepIx>(book_.steps.size()); }
  void covers(run::StepIx returns, run::StepIx first);  // [returns, first) are there to take back [first, count())

  // Whether users meet the candidate by now: a step exposed it, and no maintenance page stands before it.
  bool users_meet_candidate() const { return exposed_ && !closed_; }
  void close(bool closed) { closed_ = closed; }

  // Whether an item is asked in this environment. One that is not is no step, but where it is to be shown.
  bool here(const plan::Probe&);
  void show_elsewhere() { shows_elsewhere_ = true; }

  // All steps added inside `body` belong to one phase of a canary.
  void phase(const std::function<void()>& body);

  // Added once, before the first step that changes what serves: how a rollback proves that the previous release is
  // well. What the plan verifies only after `maintenance: off` is proven once users are back here, too: it stands
  // before `maintenance: on`.
  void returns_are_verified();
  void returns_are_verified_with_users();

  // Put off to the end of the rollout: the previous release stays ready until all else is done.
  void at_the_end(std::function<void()> body) {
    last_.push_back([this, drains = drains_, body = std::move(body)] { drains_ = drains, body(); });
  }
  void folders_are_made() { folders_made_ = true; }
  void finish();

  // How long open requests may take where the plan's step says so; without it each router call has its own time.
  void drains_within(std::optional<Duration> within) {
    drains_ = within;
    longest_drain_ = std::max(longest_drain_, within);
  }
  std::optional<Duration> drains_within() const { return drains_; }

  // "rollout/canary" + "25%/bake"
  void inside(const std::string& name, const std::function<void()>& body);
  std::string path(const std::string& leaf) const;

  std::vector<const run::Step*> backups_of(const std::string& what) const;  // so far
  void wrong(Error e) {                                                     // told once at the end
    if (!problem_) problem_ = std::move(e);
  }

  // With every ${name} expanded: as the service (an index, or run::kNone: no one service) and the side that are meant
  // know it. Problems are kept, and told once at the end.
  std::string text(const std::string&, std::int32_t subject = run::kNone, run::Side = run::Side::candidate);
  spec::Value value(const spec::Value&, std::int32_t subject = run::kNone, run::Side = run::Side::candidate);
  // A whole path, which may begin with ~/.
  std::string folder(const std::string&, std::int32_t subject);
  std::string adopted(const run::Subject&);  // the folder of what ran before Davy; empty: the plan names none
  const std::optional<Error>& problem() const { return problem_; }
  void fail(Error why) {
    if (!problem_) problem_ = std::move(why);
  }

  std::int32_t index_of(const run::Subject& s) const { return book_.index_of(s.service); }

 private:
  bool in_environment(const plan::Common&) const;
  std::size_t users_are_back() const;  // an index of the plan's rollout
  std::vector<run::Step> proofs_of(std::size_t from, std::size_t to);
  std::vector<run::Step> proofs_of_who_serves();
  template <class T>
  T expanded(const T&, std::int32_t subject, run::Side, const std::vector<std::string>& later = {});
  void prove(std::vector<run::Step>);
  void bring_home();

  const plan::Plan& plan_;
  run::Runbook& book_;
  std::string home_;
  std::string prefix_ = "rollout";
  std::int32_t wave_ = 0;
  bool sharing_ = false, exposed_ = false, closed_ = false;
  run::StepIx phase_ = run::kNone;
  bool verified_ = false, verified_with_users_ = false, shows_elsewhere_ = false, folders_made_ = false;
  std::set<std::string> stopped_;  // services whose previous release was stopped in place
  std::set<std::string> up_;       // services whose candidate runs beside the previous release
  std::vector<std::function<void()>> last_;
  std::optional<Duration> drains_, longest_drain_;
  std::optional<Error> problem_;
};

// Of an item that is not asked in this environment: nobody carries it out.
run::Call elsewhere();

// Arguments of calls.
spec::Value args(spec::Map);
spec::Entry arg(std::string key, std::string value);
spec::Entry arg(std::string key, std::int64_t value);

// `confirm` or `approve`: who is asked, and about what.
run::Call asked_person(const std::string& operation, const std::string& who, const std::string& item, bool by_another);

// A step that is about one side of a service.
run::Step about(Builder&, const run::Subject&, run::Side, run::Step);

// Common siblings of the plan, put on a step.
void apply(const plan::Common&, run::Step&);

// Copies of data, and the way back to them: backup.cc
run::Step copying(Builder&, const plan::Backup&, const plan::Common&);
run::Call restoring(Builder&, const std::string& backup);  // the newest of that name that stands before

// Pieces of strategies.
run::Step bake(Duration length, const std::vector<spec::Condition>& pass, std::optional<run::Trouble>);
inline constexpr Duration kOneLook = std::chrono::seconds(30);  // of a probe, where nobody says how long it may take
run::Step watch(Duration length);  // a wait that judges: only watched time counts, and somebody must have come
run::Step probe(Builder&, const plan::Probe&, run::Side = run::Side::candidate);
void bring_up(Builder&, const run::Subject&, std::int64_t instances, Beside);  // start, attach
run::Step shift(Builder&, const run::Subject&, Ratio);                         // the candidate's share of the users
// Drain, detach, stop. beside: on the way back all of it comes before what is the candidate's (run::Step::beside).
void take_down_previous(Builder&, const run::Subject&, std::int64_t keep, bool beside = false);
run::Step serves(Builder&, const run::Subject&);           // each of the candidate's instances is healthy
run::Step says(Builder&, const run::Subject&, run::Side);  // what the service's `serves` says is this release's
run::Step home(Builder&, const run::Subject&);             // for the way back alone: all users to the previous release
std::int64_t instances_of(const run::Release&);

void canary(Builder&, const plan::Canary&);
void traffic(Builder&, const plan::Traffic&, const plan::Common&);
void blue_green(Builder&, const plan::BlueGreen&);
void rolling(Builder&, const plan::Rolling&);
void stop_in_place(Builder&, const run::Subject&);
void start_in_place(Builder&, const run::Subject&, Beside);
void start_beside(Builder&, const run::Subject&);  // without users, once; somebody gives it some later
void restart(Builder&, const run::Subject&);
void ship(Builder&, const run::Subject&, const plan::Common&);  // by a platform that replaces by itself
void releasing(Builder&, const plan::Releasing&);

// Of services with a releases folder. The release's own is made beside what serves, so a failure refuses the run.
void say_where_they_are(Builder&, run::Runbook&);
void make_folders(Builder&);
void make_current(Builder&, const run::Subject&);
void keep_few(Builder&);
// Beside a start in place: the folder that `current` must lead to. Nothing of what has none.
spec::Map from_current(Builder&, const run::Subject&);

// A command of the plan as a step.
run::Step command(Builder&, const std::string& kind, const std::string& text, const std::string& cwd,
                  const plan::Common&);
run::Step migration(Builder&, const plan::Migrate&, const plan::Common&);

}  // namespace davy::rollout
