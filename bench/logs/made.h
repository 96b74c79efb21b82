// Traffic logs as real servers write them, made up from a seed: what bench/logs measures with, and signals_test's food.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace davy::bench {

// davy1, httplog, nginx, nginx-json, caddy: 200 req/s on eight servers, 50 paths, 1 % 5xx, 2 % 404, 0.3 % 499 or
// aborts, user agents and referers of usual length. paths: davy1 with a million paths. Answers "" for any other name.
class MadeLog {
 public:
  explicit MadeLog(std::string_view kind, std::uint64_t seed = 1);
  bool known() const { return kind_ != Kind::unknown; }
  void line(std::string& out);  // one more, with its newline

 private:
  enum class Kind { davy1, httplog, nginx, nginx_json, caddy, paths, unknown };
  struct Request;
  Request next();
  std::uint64_t random();

  Kind kind_ = Kind::unknown;
  std::uint64_t state_;
  std::int64_t now_ms_ = 1795225844763;
};

}  // namespace davy::bench
