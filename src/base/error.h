// How everything in Davy fails: a value with a code for the program and sentences for the person.
#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace davy {

// Few on purpose: a code exists where some caller acts differently on it.
enum class Code {
  invalid,      // what was given is wrong: the plan, an argument, an answer
  refused,      // it could be done, but must not: a lock is held, a check failed
  unavailable,  // the other side did not answer: try again, or `cannot tell`
  conflict,     // somebody else was first: this process lost the run, stop at once
  no_space,     // the disk is full
  cancelled,    // asked to stop before the end
  timed_out,    // its time was over
  internal,     // Davy's own fault
};

// message: what was being done, to what, what happened. hint: what to try. where: file:line:column or a URL.
struct Error {
  Code code = Code::internal;
  std::string message;
  std::string hint = {};
  std::string where = {};
};

template <class T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Code code, std::string message, std::string hint = {}) {
  return std::unexpected(Error{code, std::move(message), std::move(hint), {}});
}

std::string_view name(Code);
std::string to_string(const Error&);  // "message (hint)", one line

// For bugs only: says what did not hold and aborts. What the environment may do is an Error, never a CHECK.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
#define DAVY_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::davy::check_failed(#condition, __FILE__, __LINE__))

}  // namespace davy
