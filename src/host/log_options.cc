#include "host/log_options.h"

#include "io/lines/logs.h"

namespace davy::host {

Result<io::LogReaderOptions> log_options(const providers::LogSignal& signal) {
  io::LogReaderOptions out{.source = io::source_of({signal.place, signal.writers}),
                           .lines = {.excluded = signal.ignore},
                           .only = signal.only};
  auto format = providers::format_of(signal);
  if (!format) return std::unexpected(format.error());
  if (signal.format.guessed())
    out.guess = io::FormatGuess{.only = signal.format.text, .fields = providers::format_options(signal)};
  else
    out.lines.format = *std::move(format);
  return out;
}

}  // namespace davy::host
