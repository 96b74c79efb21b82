// Lines into windows, in a format that is given, or told from the lines themselves.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "io/lines/line_stream.h"
#include "signals/traffic/accumulator.h"

namespace davy::io {

// To be told from the first fifty lines, again with each window's until there were so many. `only`: haproxy, nginx,
// apache, json, or "" for any (signals::Format::guess).
struct FormatGuess {
  std::string only;
  signals::FormatOptions fields;
};

class GuessedLines final : public LineSink {
 public:
  // `only`: a text that a line about a request has; others are passed over. `earlier`: lines that do not count.
  GuessedLines(signals::AccumulatorOptions, std::optional<FormatGuess>, std::string only,
               std::vector<std::string> earlier);

  void line(std::string_view) override;
  void lost() override { lines_.lost(); }

  // What the format was told to be, as a sentence (signals::Format::taken_for); empty until it is.
  std::string taken_for() const { return guess_ && !told_ ? "" : options_.format.taken_for(); }

  // As Accumulator's; `gap` is why lines may be missing, or empty. Lines whose format cannot be told are broken.
  signals::RawWindow finish(Time from, Time to, std::string gap);

 private:
  static constexpr std::size_t kMostSamples = 50, kLongestSample = 64 * 1024;
  void guess();
  void begin_anew(signals::Format);
  void find_wrapping(std::string_view);
  void count_held();

  signals::AccumulatorOptions options_;
  std::optional<FormatGuess> guess_;  // none: the format is settled
  bool bare_ = false;                 // and one of its lines was read
  std::string only_;
  bool told_ = false;  // options_.format is what the samples so far say
  std::vector<std::string> samples_;
  std::size_t counted_ = 0;  // of the samples
  std::size_t guessed_from_ = 0;
  signals::Accumulator lines_;
};

}  // namespace davy::io
