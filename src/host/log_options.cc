#include "host/log_options.h"

namespace davy::host {
namespace {

io::LogSource source_of(const providers::LogSignal& signal) {
  using Kind = providers::LogPlace::Kind;
  auto& what = signal.place.what;
  switch (signal.place.kind) {
    case Kind::file:
      return io::FollowedFile{what};
    case Kind::unix_socket:
      return io::UnixSocket{what, mode_of(signal.writers)};
    case Kind::udp:
      return io::UdpSocket{what};
    case Kind::journald:
      return io::journald_command(what);
    case Kind::docker:
      return io::docker_command(what);
    case Kind::command:
      return io::LogCommand{.argv = {"/bin/sh", "-c", what}};
    case Kind::input:
      return io::StandardInput{};
  }
  DAVY_CHECK(false);
}

}  // namespace

mode_t mode_of(providers::Writers who) {
  return who == providers::Writers::owner ? 0600 : who == providers::Writers::group ? 0620 : 0622;
}

Result<io::LogReaderOptions> log_options(const providers::LogSignal& signal) {
  io::LogReaderOptions out{.source = source_of(signal), .lines = {.excluded = signal.ignore}, .only = signal.only};
  auto format = providers::format_of(signal);
  if (!format) return std::unexpected(format.error());
  if (signal.format.guessed())
    out.guess = io::FormatGuess{.only = signal.format.text, .fields = providers::format_options(signal)};
  else
    out.lines.format = *std::move(format);
  return out;
}

}  // namespace davy::host
