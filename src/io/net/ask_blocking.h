// One question to a stream socket, for a process that may block: the children of the keeper.
#pragma once
#include <expected>
#include <functional>
#include <string>

#include "base/error.h"
#include "base/time.h"

namespace davy::io {

struct NotAnswered {
  Error error;
  bool sent = false;  // some of the text was: the other side may have done what it says
};

// Connects (unix path or host:port), sends the text as one line, reads until the other side closes. A name is looked up
// for as long as the system likes. More than kLongestSaying is no answer but an error: half of one would prove nothing.
std::expected<std::string, NotAnswered> ask_blocking(
    const std::string& address, std::string text, Duration timeout,
    const std::function<void()>& before_sending = [] {});
inline constexpr std::size_t kLongestSaying = 1024 * 1024;

}  // namespace davy::io
