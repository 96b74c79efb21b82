// What a person who waits is told, a line of JSON each time: {"stage": "dump", "bytes": 1048576, "of": 9000000}.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace davy::backups {

class Progress {
 public:
  // of: how many there will be, as far as that can be known; 0: it cannot.
  void stage(std::string name, std::int64_t of = 0);
  void at(std::int64_t bytes);  // at most once a second

 private:
  void line(std::int64_t bytes);
  std::string stage_;
  std::int64_t of_ = 0;
  std::chrono::steady_clock::time_point told_{};
};

}  // namespace davy::backups
