// Lines into windows, in a format that is given, or told from the lines themselves.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "signals/traffic/accumulator.h"

namespace davy::signals {

// To be told from the first fifty lines, again with each window's until there were so many. `only`: haproxy, nginx,
// apache, json, or "" for any (Format::guess).
struct FormatGuess {
  std::string only;
  FormatOptions fields;
};

class GuessedLines {
 public:
  // `only`: a text that a line about a request has; others are passed over.
  GuessedLines(AccumulatorOptions, std::optional<FormatGuess>, std::string only);

  // Lines that were there before, before the first of ours: the format can be told from them, and none counts.
  void earlier(std::vector<std::string>);

  void line(std::string_view);
  void lost() { lines_.lost(); }

  // What the format was told to be, as a sentence (Format::taken_for), or what was found in the lines of one that was
  // given; empty until it is.
  const std::string& taken_for() const { return taken_for_; }

  // As Accumulator's; `gap` is why lines may be missing, or empty. Lines whose format cannot be told are broken.
  RawWindow finish(Time from, Time to, std::string gap = {});

 private:
  static constexpr std::size_t kMostSamples = 50, kLongestSample = 64 * 1024;
  void guess();
  void begin_anew(Format);
  void find_wrapping(std::string_view);
  void say_what_is_found();
  void count_held();

  AccumulatorOptions options_;
  std::optional<FormatGuess> guess_;  // none: the format is settled
  bool bare_ = false;                 // and one of its lines was read
  std::string only_;
  std::string taken_for_;
  bool given_said_ = false;  // of a format that was given, and of as many lines as are asked
  bool told_ = false;        // options_.format is what the samples so far say
  std::vector<std::string> samples_;
  std::size_t counted_ = 0;  // of the samples
  std::size_t guessed_from_ = 0;
  Accumulator lines_;
};

}  // namespace davy::signals
