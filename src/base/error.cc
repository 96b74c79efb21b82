#include "base/error.h"

#include <cstdio>
#include <cstdlib>

namespace davy {

std::string_view name(Code code) {
  switch (code) {
    case Code::invalid:
      return "invalid";
    case Code::refused:
      return "refused";
    case Code::unavailable:
      return "unavailable";
    case Code::conflict:
      return "conflict";
    case Code::no_space:
      return "no space";
    case Code::cancelled:
      return "cancelled";
    case Code::timed_out:
      return "timed out";
    case Code::internal:
      return "internal";
  }
  return "internal";
}

std::string to_string(const Error& e) { return e.hint.empty() ? e.message : e.message + " (" + e.hint + ")"; }

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "davy: bug: %s does not hold (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace davy
