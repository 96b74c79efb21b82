// Named patterns, counted over lines of any text, all of them in one pass: Hyperscan on x86 (Wang et al., "Hyperscan: a
// fast multi-pattern regex matcher for modern CPUs", NSDI 2019), RE2 elsewhere and for what Hyperscan does not take.
// The meaning is RE2's on bytes in either case; a pattern never reaches over the end of its line.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace davy::signals {

struct NamedPattern {
  std::string name, text;
  bool operator==(const NamedPattern&) const = default;
};

// ERROR, WARN, SLOW_QUERY, CACHE_MISS, AUTH_FAILURE, RATE_LIMIT (docs/signals.md).
std::span<const NamedPattern> usual_patterns();

// The usual ones and `own`, sorted by name: one of the same name takes the usual one's place, an empty text takes it
// away.
std::vector<NamedPattern> with_usual(const std::vector<NamedPattern>& own);

class Patterns {
 public:
  // by_line: RE2 on each line, though Hyperscan could do it (for tests and comparisons).
  enum class How { fastest, by_line };

  // Invalid: the message names the pattern and where it stops making sense; also for a name that a condition cannot
  // say, a name twice, more than 64 patterns, and a pattern that an empty line fits (it would count every line).
  static Result<Patterns> of(std::vector<NamedPattern>, How = How::fastest);
  Patterns(Patterns&&) noexcept;
  Patterns& operator=(Patterns&&) noexcept;
  ~Patterns();

  // Adds to counts[i] the lines in which pattern i occurs; counts is as long as all(). Lines end with \n; the last one
  // need not. One thread at a time.
  void count(std::string_view lines, std::span<std::uint64_t> counts);

  const std::vector<NamedPattern>& all() const;
  std::string_view engine() const;  // "Hyperscan" or "RE2"

 private:
  struct Inside;
  explicit Patterns(std::unique_ptr<Inside>);
  std::unique_ptr<Inside> inside_;
};

}  // namespace davy::signals
