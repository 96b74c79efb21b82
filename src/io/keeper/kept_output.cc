#include "io/keeper/kept_output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace davy::io {

KeptOutput::KeptOutput(std::string path, std::size_t keep)
    : path_(std::move(path)), head_limit_(keep / 2), tail_limit_(keep - keep / 2) {}

void KeptOutput::put(std::string_view text, std::size_t at) {
  if (path_.empty()) {
    text_.replace(std::min(at, text_.size()), std::string::npos, text);
    return;
  }
  if (!file_) file_.reset(::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  while (file_ && !text.empty()) {
    auto n = ::pwrite(file_.get(), text.data(), text.size(), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;
    at += static_cast<std::size_t>(n);
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

void KeptOutput::add(std::string_view text) {
  auto to_head = std::min(text.size(), head_limit_ - head_);
  if (to_head > 0) put(text.substr(0, to_head), head_);
  head_ += to_head;
  text.remove_prefix(to_head);
  if (text.empty()) return;
  after_head_ += text.size();
  tail_.append(text);
  if (tail_.size() > 2 * tail_limit_) tail_.erase(0, tail_.size() - tail_limit_);
  dirty_ = true;
}

// The dropped count has a fixed width, so that a rewrite never leaves the end of a longer one behind.
void KeptOutput::flush() {
  if (!dirty_) return;
  dirty_ = false;
  auto tail = std::string_view(tail_).substr(tail_.size() - std::min(tail_.size(), tail_limit_));
  auto dropped = after_head_ - tail.size();
  auto notice = dropped > 0 ? fmt::format("\n[davy: {:>12} bytes of output were dropped here]\n", dropped) : "";
  put(notice + std::string(tail), head_);
}

}  // namespace davy::io
