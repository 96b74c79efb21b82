// What must hold when a run has come to its end.
#include "testing/books.h"

#include <algorithm>

#include "engine/run/records.h"

namespace davy::testing {
namespace {

using namespace std::chrono_literals;

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

// A stretch without requests, in which a router knew nobody, leaves a bake of seconds with too few: that is for people.
bool saw_too_little(const Reality& r) {
  return std::ranges::any_of(r.journal, [](auto& e) {
    return e.kind == run::AttemptEnded::kName && e.body.contains(R"("outcome":"inconclusive")");
  });
}

bool decided_against(const Reality& r) {
  return std::ranges::any_of(r.journal, [](auto& e) {
    return e.kind == "way back taken" || (e.kind == "verdict" && !e.body.contains(R"("then":"note")"));
  });
}

void check_taken_back(Reality& r, const Scenario& s, const std::string& service, const std::string& ending) {
  auto& previous = r.instances[service + "@1~q"];
  expect(r, s.first_release || previous.size() == kInstances,
         ending + ", but instances of the previous release are missing");
  expect(r, !r.alive(service + "@2~r"), ending + ", but the candidate still runs");
  for (auto& [address, server] : r.servers)
    expect(r,
           !r.stranger(server.release) || server.weight == 0 || server.maint || !r.moved.contains(service) ||
               !server.release.starts_with(service),
           ending + ", but a canary that somebody left has users again");
  for (auto& [index, one] : previous)
    expect(r, one.as == r.previous_as, ending + ", but the previous release runs with other options: " + one.as);
}

}  // namespace

bool taken_back(const Reality& r) {
  auto history = engine::replay(r.journal);
  return history && !history->state.takes_back.empty();
}

void check_end(Reality& r, const Scenario& s, const std::string& ending) {
  auto there = [&](const std::string& release) { return r.alive(release); };
  auto share = r.share_of_candidate();
  auto in_place = s.strategy == "in-place";
  // Somebody said that a bake was long enough, whatever it had seen, or that a rule is not to be heeded and no other
  // is.
  auto insisted = s.asks == "promote" || (s.asks == "waive" && s.first_release);
  if (ending == "done") {
    expect(r, s.quality == Quality::good || s.quality == Quality::stumbles || insisted || s.faults.transient > 0,
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
  // In an outage nobody is judged beside, and nobody takes users for a while: both are for people to decide.
  bool for_people = ending == "held" && (s.outage || (s.forgets_at > Time{} && saw_too_little(r)));
  if (s.quality == Quality::good && undisturbed && !alarmed(r) && !router_began_anew_in_a_step(r) && !for_people)
    expect(r, ending == "done", "a good version was not deployed: " + ending);
  // A bake of seconds says what it saw; in one of two days a bad second is nothing.
  if (s.quality == Quality::stumbles && s.strategy == "long-canary" && undisturbed && !decided_against(r) &&
      !for_people)
    expect(r, ending == "done", "a version with one bad second was not deployed: " + ending);
  if (s.quality == Quality::bad && !in_place && !s.first_release && !insisted)
    expect(r, ending != "done", "a bad version was deployed");
}

}  // namespace davy::testing
