// What a source hands over: numbers of a stretch of time, by release. 100 ms live, any length in simulation and replay.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "judge/numbers/sketch.h"
#include "spec/fields.h"

namespace davy::judge {

// Some of a tally's requests, counted as it counts all.
struct Part {
  std::uint64_t requests = 0, errors = 0, error_clients = 0, client_errors = 0, client_error_clients = 0;
  Sketch latency = {};  // of an endpoint only
  void merge(const Part&);
  void remove(const Part&);
  bool operator==(const Part&) const = default;
};

// Requests that reached no server belong to no release; health paths and Davy's own probes never count (the source
// leaves both out).
struct Tally {
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;         // 5xx, and terminations charged to the server
  std::uint64_t error_clients = 0;  // clients whose first error in an hour was here: what the sequential test counts
  std::uint64_t error_squares = 0;  // sum over clients of (errors of that client)²: their dispersion
  std::uint64_t repeats = 0;        // sum over requests of how many its client made of late; 0: clients are unknown
  std::uint64_t client_errors = 0;  // 4xx
  std::uint64_t limited = 0;        // 429 among them: about how often is asked, not about the answer
  std::uint64_t client_error_clients = 0;  // clients whose first one in an hour was here, 429 left out
  std::uint64_t newcomers = 0;             // clients that no server had met for an hour
  std::uint64_t returns = 0;               // requests of clients that came moments before, and how many of these
  std::uint64_t moved = 0;                 // met another server than then: whether routing keeps clients where they are
  std::uint64_t after_error = 0;         // requests of clients whose first error was before: none of theirs is a first
  std::uint64_t after_client_error = 0;  // the same of their first 4xx
  std::uint64_t aborts = 0;              // the client went away; its wait is in `latency`
  std::uint64_t untold = 0;              // requests of which nobody can tell whether they are errors
  std::uint64_t untold_client = 0;       // the same of client_errors
  std::uint64_t redispatched = 0;        // charged to this release by the router though another one answered
  Sketch latency;
  // What took a second or longer, by the power of two of its seconds: it may have begun before the shares changed, when
  // the candidate had another part of the users. aged[k]: from 2^k s to below 2^(k+1) s; the last holds all beyond.
  std::vector<Part> aged = {};
  // By endpoint, the template of a path, what many ask for; the rest is in no part. Requests with a 429 have no
  // client_errors here. Chosen by requests of earlier windows, never by how they ended.
  std::map<std::string, Part, std::less<>> endpoints = {};
  static constexpr std::size_t kMostAges = 12, kMostEndpoints = 64;
  Part& aged_for(Duration);  // where a request that took so long (1 s or longer) is counted
  void merge(const Tally&);
  void remove(const Tally&);  // takes back what was merged before
  bool operator==(const Tally&) const = default;

  // Only what surely began within `age` of its end; what was not measured began just then. Where anything is left out
  // nobody knows of which endpoint it was.
  Tally younger_than(Duration age) const;

  // What the candidate is charged with: the router's retries away from it are its trouble though users saw a 200.
  std::uint64_t attempts() const { return requests + redispatched; }
  std::uint64_t trouble() const { return errors + redispatched; }
};

struct Window {
  Time from{}, to{};
  bool complete = true;                   // false: lines were lost, or the source was away: cannot tell
  std::string gap;                        // why, for people: "the log lacks requests that HAProxy counted"
  std::map<std::string, Tally> releases;  // by release id
  std::map<std::string, double> asked;    // share of the users that each release is to have now, where it is known
  std::map<std::string, std::string>
      away;  // signals that cannot be read now, and why: nothing is known of their series
  std::map<std::string, std::map<std::string, double>> numbers;      // series -> release ("" = the service) -> value
  std::map<std::string, std::map<std::string, std::string>> states;  // series -> release -> word
  // What happened in this window, so many times: series -> release -> number. A condition reads their sum.
  std::map<std::string, std::map<std::string, std::uint64_t>> counts;
  // Error patterns that a log is known to show: series -> release -> pattern -> a line of it. Told when one is met for
  // the first time and now and then again, so that a judge who came later knows them, too (news.h).
  std::map<std::string, std::map<std::string, std::map<std::string, std::string>>> shown;
  // Lines are compared with counters a little later. Until when nothing is known to be missing; nothing: all of it is
  // sure at once. doubted: what came after that, also in windows before this one, is not whole. Not kept with samples.
  std::optional<Time> sure = {};
  bool doubted = false;
  Duration length() const { return to - from; }
  // Its users were taken away until it is tried again: nothing that is seen meanwhile is about it.
  bool stands_aside(const std::string& release) const;
  void merge(const Window&);  // one after the other, or two sources of the same stretch
  bool operator==(const Window&) const = default;
};

// The key of a release in `releases` for traffic that a signal of its own tells: `critical.error_rate`. "" is the
// service.
std::string of_signal(const std::string& signal, const std::string& release);
bool is_of_signal(const std::string& key);

// For the samples table. decode of garbage is an Error, never a crash.
std::string encode(const Window&);
Result<Window> decode(std::string_view body);

}  // namespace davy::judge
