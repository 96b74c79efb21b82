// Tokens with which a person answers what a run asks of them, from wherever they were told.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace davy::io {

// The attempt is the asking itself: a question that is asked again is another, and so is that of another run, whose
// runbook never changes. So a token is of one runbook, one question and one person, and of no use once it is answered.
struct Answerable {
  std::string run;
  std::int64_t attempt = 0;
  std::string person;
  Time until{};
  bool operator==(const Answerable&) const = default;
};

// Signs with a key of this state directory, which leaves it never (HMAC-SHA256, RFC 2104, the first 128 bits).
class AnswerKey {
 public:
  // The key in that file; made, for its owner alone, where there is none. Code::refused: others may read it.
  static Result<AnswerKey> of(const std::string& file);

  // RUN.ATTEMPT.PERSON.UNTIL.SIGNATURE, of letters, digits, `.`, `-`, `_` and `%`.
  std::string token(const Answerable&) const;

  // Code::invalid: it is no token, or none of this key. Whether it is late, or answered already, the run knows.
  Result<Answerable> read(std::string_view token) const;

 private:
  explicit AnswerKey(std::string key) : key_(std::move(key)) {}
  std::string signature(std::string_view) const;
  std::string key_;
};

}  // namespace davy::io
