// The account: what became of every request, and what it says of each version.
//
// It adds up: requests = answered + lost + unsent + abandoned. A clean 503 (with Retry-After) is answered, but no
// error.
#pragma once
#include <chrono>
#include <cstdint>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace load {

using Clock = std::chrono::steady_clock;
using Moment = Clock::time_point;

enum class Outcome {
  answered,
  refused,    // lost: nobody listens
  reset,      // lost: the connection broke before the answer was whole
  timed_out,  // lost: no whole answer within --timeout
  garbled,    // lost: not HTTP
  unsent,     // our own fault: no connection was free in time
  abandoned,  // a signal ended the run while the answer was still out
};
std::string_view name(Outcome);

struct Record {
  Moment due, sent, done;
  Outcome outcome = Outcome::answered;
  int status = 0;
  bool clean_503 = false;
  bool retried = false;
  std::string version;
  std::string_view method, path;
  std::uint32_t client = 0;
};

class Tally {
 public:
  explicit Tally(const std::string& trace_file);

  bool trace_is_open() const { return !wants_trace_ || trace_.is_open(); }
  void add(const Record&);
  std::string live_line();  // since the last one
  nlohmann::json summary() const;

 private:
  struct Version {
    std::uint64_t requests = 0, errors = 0, errors_in_live = 0, in_live = 0;
    std::vector<std::uint32_t> micros;
    Moment first, last;
    std::optional<Moment> first_bad;
  };
  void add_answer(const Record&);
  void trace(const Record&);
  double since_start(Moment) const;
  nlohmann::json summary_of(const Version&) const;

  Moment start_ = Clock::now();
  std::chrono::system_clock::time_point wall_start_ = std::chrono::system_clock::now();
  Moment last_;
  bool wants_trace_;
  std::ofstream trace_;
  std::map<Outcome, std::uint64_t> outcomes_;
  std::map<int, std::uint64_t> statuses_;
  std::map<std::string, Version, std::less<>> versions_;
  std::uint64_t requests_ = 0, retries_ = 0, clean_503_ = 0, requests_in_live_ = 0, lost_in_live_ = 0;
  std::optional<Moment> first_lost_, last_lost_;
};

}  // namespace load
