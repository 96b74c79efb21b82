#include "io/lines/line_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "io/lines/log_follower.h"

namespace davy::io {
namespace {

// A file that was truncated under a writer that keeps its place begins with zeros.
std::string_view without_zeros(std::string_view line) {
  return line.substr(std::min(line.find_first_not_of('\0'), line.size()));
}

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

}  // namespace

void LineBuffer::filled(std::size_t n, LineSink& sink) {
  const char* at = buffer_.data();
  const char* look = at + used_;  // what was there before holds no newline
  const char* end = look + n;
  while (auto newline = static_cast<const char*>(std::memchr(look, '\n', static_cast<std::size_t>(end - look)))) {
    if (!std::exchange(skipping_, false)) sink.line(without_zeros({at, newline}));
    at = look = newline + 1;
  }
  used_ = skipping_ ? 0 : static_cast<std::size_t>(end - at);
  if (used_ == buffer_.size() && at == buffer_.data()) {
    sink.lost();
    used_ = 0, skipping_ = true;
  }
  if (used_ > 0 && at != buffer_.data()) std::memmove(buffer_.data(), at, used_);
}

void LineBuffer::finish(LineSink& sink) {
  if (used_ > 0) sink.line(without_zeros({buffer_.data(), used_}));
  used_ = 0, skipping_ = false;
}

void LineBuffer::drop(LineSink& sink) {
  if (used_ > 0) sink.lost();
  used_ = 0, skipping_ = false;
}

// --all: without it journald says null for what is longer than 4096 bytes (journalctl(1), "json").
LogCommand journald_command(std::string_view unit, std::optional<Time> since) {
  LogCommand out{.argv = {"journalctl", "--follow", "--lines=0", "--quiet", "--all", "--output=json",
                          "--output-fields=MESSAGE", "--unit=" + std::string(unit)},
                 .wrapping = LogCommand::Wrapping::journald};
  if (since) out.at_first = {"--lines=all", fmt::format("--since=@{:.6f}", seconds(since->time_since_epoch()))};
  return out;
}

LogCommand docker_command(std::string_view container) {
  return {.argv = {"docker", "logs", "--follow", "--tail=0", "--", std::string(container)},
          .errors = LogCommand::Errors::lines};
}

Result<std::unique_ptr<LineStream>> open_lines(const LogSource& source, Time now) {
  return std::visit(Overloaded{[](const UnixSocket& s) { return open_unix_lines(s); },
                               [](const UdpSocket& s) { return open_udp_lines(s); },
                               [](const StandardInput& s) { return open_input_lines(s); },
                               [](const LogCommand& s) { return open_command_lines(s); },
                               [&](const FollowedFile& s) -> Result<std::unique_ptr<LineStream>> {
                                 return LogFollower::open(s.path, now, s.begin);
                               }},
                    source);
}

}  // namespace davy::io
