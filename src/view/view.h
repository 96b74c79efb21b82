// What people see of a run: the journal and the samples, projected once, then drawn on a terminal, in a pipe, as JSON
// and as a page. Pure: the time is handed in, nothing is read or written. Whatever came from outside (logs, people,
// versions, paths) is made harmless where it is drawn, never trusted.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "judge/numbers/window.h"
#include "run/state.h"

namespace davy::view {

struct TimedEvent {
  std::int64_t seq = 0;
  run::Event event;
  Time at{};
};

// not_needed: the run came to its end without it, or it exists for a rollback only and none took place.
enum class Status { waiting, running, retrying, done, skipped, failed, undoing, undone, not_needed };
std::string_view word_of(Status);

// One attempt; ended is empty while it is open.
struct TryView {
  run::AttemptId id = 0;
  run::Way way = run::Way::apply;
  Time started{};
  std::optional<Time> ended;
  run::Outcome outcome = run::Outcome::ok;
};

struct StepView {
  run::StepIx step = run::kNone;
  std::string path, says;
  Status status = Status::waiting;
  int attempts = 0;
  std::optional<Time> started, ended;  // of the newest going: from its first try to the end of its last one
  std::string result;                  // what the newest attempt said
  std::string output, log;             // the end of a command's output, and where all of it lies
  Duration expected{}, watched{};
  Duration length{};  // of a bake; zero for all other steps
  bool has_undo = false, point_of_no_return = false, retreat_only = false;
  std::string undo;  // in words
  std::vector<TryView> tries;
};

struct VerdictView {
  Time at{};
  std::string rule, sentence;
  run::Consequence then = run::Consequence::note;
  spec::Value evidence;
};

struct TrafficPoint {
  Time at{};
  double share = 0;  // of the candidate, 0 to 1, as realised
};

struct Numbers {
  double requests_per_second = 0;
  double error_rate = 0;  // 0 to 1, as the judge counts: the router's redispatches are the release's trouble
  double p95_ms = 0;
  std::uint64_t requests = 0, errors = 0;
};

// Of a service's users, from 0 to 1: as last set, or as a router was found just now. Who is with neither is with
// nobody.
struct Share {
  std::string service;
  double candidate = 0, previous = 1;
};

// A stretch of the run; no end: it still is so.
struct Span {
  Time from{};
  std::optional<Time> to = {};
};

// The candidate has no users, until it is tried again. No end: a person holds the run, and it is not tried again.
struct Aside {
  Time since{};
  std::optional<Time> until = {};
  std::string says;
};

// Since when something of the traffic is not seen, and why.
struct Blind {
  Time since{};
  std::string why;
};

struct RunView {
  std::string id, environment, version, previous, who, hash;
  std::string why;         // in the words of who began it
  std::string takes_back;  // the run that was done, and that this one takes back
  bool urgent = false;
  std::vector<run::Subject> subjects;
  std::vector<run::Rule> rules;
  Time started{};
  std::optional<Time> ended;
  run::Mode mode = run::Mode::forward;
  std::optional<run::Ending> ending;
  std::string question_or_sentence;  // held: what a person must decide; else why it goes back or how it ended
  std::vector<StepView> steps;
  std::vector<VerdictView> verdicts;
  std::vector<Span> holds;          // nothing new began, and people were waited for
  std::vector<Span> asides;         // the candidate had no users for a while
  std::vector<Span> pages;          // a maintenance page stood before the users
  std::vector<std::string> people;  // what was asked, by whom, and what came of it, in sentences
  std::vector<judge::Window> windows;
  std::optional<Numbers> candidate, before;  // of the last 10 s; before: the previous release
  std::optional<Blind> blind;                // nothing: all is seen
  std::optional<Aside> aside;                // nothing: it has not stepped aside
  std::optional<Time> silent_since;          // nobody drives the run, as whoever looked found; nothing: not known
  double share = 0;                          // the largest of `shares`
  std::vector<Share> shares;                 // by service
  std::vector<std::string> next;             // what a person may type now
  std::string next_command;                  // the same in one line: "davy resume RUN   or   davy rollback RUN"
  std::vector<std::string> waits;            // whom it waits for, in full, and until when
  run::StepIx unknown = run::kNone;          // held: the step of which nobody saw the end
  std::string held_about;                    // the rule, test or step for which it is held
  bool closed = false;                       // a maintenance page stands before the users, as far as this run knows

  bool stepping_back = false;         // mode is retreat, and it ends in a hold at the last weight that passed
  std::vector<TrafficPoint> traffic;  // of every second with requests
  std::vector<std::string> facts;     // one line for each event worth one, as `line` has it
  Time now{};                         // of this view
};

// Samples that were asked for again from the beginning of the newest one on: that may have grown since.
void take_newest(std::vector<judge::Window> samples, std::vector<judge::Window>& windows);

// A run as its events come: each is folded once, however often somebody looks. Events in the order of the journal, from
// its first one on; samples in any order and of any length.
class Projection {
 public:
  explicit Projection(std::string id);
  ~Projection();
  Projection(Projection&&) noexcept;
  void take(const TimedEvent&);
  RunView view(std::vector<judge::Window> samples, Time now) const;

 private:
  struct Folded;
  std::unique_ptr<Folded> folded_;
};
RunView project(std::string id, const std::vector<TimedEvent>&, std::vector<judge::Window> samples, Time now);
spec::Json to_json(const RunView&);

// What is known of them from now on.
void tell_shares(RunView&, std::vector<Share>);

// unicode off: ASCII only, for terminals and logs that know no better.
struct Look {
  int width = 100, height = 40;
  bool colour = false;
  bool unicode = true;
};

// The live screen, at most Look.height lines of at most Look.width columns. judge_sentence: the state of things as
// the judge has it now; without one the newest verdict stands there.
std::vector<std::string> frame(const RunView&, const Look&, Time now, std::string_view judge_sentence = {});

// One plain line for a pipe, without newline; empty for events not worth one (claims, watched time).
// `before` is the state BEFORE the event is folded: the end of an attempt does not say which step it was.
std::string line(const TimedEvent&, const run::State& before, const Look&);

// The same for a whole stream, folding as it goes.
class EventLines {
 public:
  explicit EventLines(Look look) : look_(look) {}
  std::string next(const TimedEvent&);
  const run::State& state() const { return state_; }

 private:
  Look look_;
  run::State state_;
};

// `davy plan`: what would be done, how each step is undone, and how a rollback is verified. Ends with a newline.
std::string runbook_tree(const run::Runbook&, const Look&);
spec::Json runbook_json(const run::Runbook&, std::string_view hash);

// One self-contained page: no script, no external resource, so it opens from a mail or under a strict CSP
// (style-src 'unsafe-inline').
std::string report_html(const RunView&);

}  // namespace davy::view
