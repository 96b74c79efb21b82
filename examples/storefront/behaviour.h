// What a version of the storefront does wrong. Words, separated by spaces or commas:
//
//   good                 nothing
//   fail=20%             this share of requests is answered 500; health stays fine
//   fail-path=/x[@50%]   as fail, for one endpoint only (all of its requests, unless a share is given)
//   base-errors=0.1%     as fail: the noise that any version has, kept apart so that both can be given
//   latency=2ms          what an answer takes in the middle; jitter around it is small, the tail short
//   slow=+50%            all answers take so much longer
//   hang=10%             this share of requests is never answered
//   crash-after=2s       the process vanishes with status 70, so long after its first user's request
//   leak=20MB/s          memory grows from the first user's request on (1 GB at most, to spare the machine)
//   ready-after=500ms    health is 503 until then
//   never-healthy        health is 503 for ever
//   fork                 the process daemonises itself, its parent exits 0
#pragma once
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "base/error.h"

namespace storefront {

struct Behaviour {
  double fail = 0;
  double base_errors = 0;
  std::string fail_path;
  double fail_path_share = 1;
  std::chrono::duration<double> latency{0.001};
  double slower = 0;  // 0.5 is +50 %
  double hang = 0;
  std::chrono::duration<double> crash_after{0};  // 0: never
  double leak_per_second = 0;                    // bytes
  std::chrono::duration<double> ready_after{0};
  bool never_healthy = false;
  bool forks = false;
};

davy::Result<Behaviour> parse_behaviour(std::string_view words);

// The words that `file` has for `version`; "good" when it has none. A file that cannot be read is an error.
davy::Result<std::string> words_for_version(const std::string& file, std::string_view version);

// What becomes of one request. One seed gives one sequence, so that a test can repeat a bad day.
enum class Fate { answer, fail, hang };

class Dice {
 public:
  Dice(Behaviour behaviour, std::uint64_t seed) : behaviour_(std::move(behaviour)), random_(seed) {}

  Fate fate(std::string_view path);
  std::chrono::nanoseconds latency();

 private:
  bool happens(double share) { return share > 0 && std::uniform_real_distribution<>(0, 1)(random_) < share; }

  Behaviour behaviour_;
  std::mt19937_64 random_;
};

}  // namespace storefront
