#include "signals/traffic/guessed_lines.h"

#include <fmt/format.h>

namespace davy::signals {

GuessedLines::GuessedLines(AccumulatorOptions options, std::optional<FormatGuess> guess, std::string only)
    : options_(std::move(options)), guess_(std::move(guess)), only_(std::move(only)), lines_(options_) {}

void GuessedLines::earlier(std::vector<std::string> earlier) {
  if (!guess_) return;
  std::erase_if(earlier, [&](auto& text) { return text.empty() || !text.contains(only_); });
  if (earlier.size() > kMostSamples) earlier.erase(earlier.begin(), earlier.end() - kMostSamples);
  samples_ = std::move(earlier);
  counted_ = samples_.size();
  this->guess();
}

void GuessedLines::line(std::string_view text) {
  if (!only_.empty() && !text.contains(only_)) return;
  if (!guess_ && !bare_) find_wrapping(text);
  if (!guess_) {
    if (!told_ && !given_said_ && samples_.size() < kMostSamples && text.size() <= kLongestSample)
      samples_.emplace_back(text);
    return lines_.line(text);
  }
  if (text.empty()) return;
  if (text.size() > kLongestSample) return lines_.lost();
  if (told_) lines_.line(text);
  if (samples_.size() < kMostSamples) samples_.emplace_back(text);
  if (told_) counted_ = samples_.size();
  if (!told_ && samples_.size() >= kMostSamples) guess();
}

// Of a format that somebody gave the first line that it reads tells whether something stands around it.
void GuessedLines::find_wrapping(std::string_view text) {
  Request ignored;
  bare_ = options_.format.parse(text, ignored) == Parsed::line;
  auto format = options_.format;
  if (bare_ || !format.find_wrapping(std::span(&text, 1))) return;
  bare_ = true;
  begin_anew(std::move(format));
}

// What was broken before stays so.
void GuessedLines::begin_anew(Format format) {
  auto lost = lines_.finish({}, {}).broken;
  options_.format = std::move(format);
  lines_ = Accumulator(options_);
  for (; lost > 0; --lost) lines_.lost();
}

// Only where nothing was counted since the last window: the account begins anew with another format.
void GuessedLines::guess() {
  if (!guess_ || samples_.empty() || guessed_from_ == samples_.size()) return;
  std::vector<std::string_view> views(samples_.begin(), samples_.end());
  auto found = Format::guess(views, guess_->fields, guess_->only);
  guessed_from_ = samples_.size();
  if (found && (!told_ || *found != options_.format)) {
    if (told_) lines_ = Accumulator(options_);
    begin_anew(*std::move(found));
    told_ = true, taken_for_ = options_.format.taken_for();
  }
  count_held();
  bool enough = samples_.size() >= kMostSamples;
  if (told_ && enough) guess_.reset();
  if (enough || !told_) samples_.clear(), counted_ = guessed_from_ = 0;
}

void GuessedLines::count_held() {
  for (; counted_ < samples_.size(); ++counted_) told_ ? lines_.line(samples_[counted_]) : lines_.lost();
}

// Of a format that was given again with each window's, until there were so many lines.
void GuessedLines::say_what_is_found() {
  if (guess_ || told_ || given_said_ || samples_.empty()) return;
  std::vector<std::string_view> views(samples_.begin(), samples_.end());
  taken_for_ = options_.format.found_in(views);
  given_said_ = samples_.size() >= kMostSamples;
  if (given_said_) samples_.clear();
}

RawWindow GuessedLines::finish(Time from, Time to, std::string gap) {
  bool untold = guess_ && !told_ && counted_ < samples_.size();
  if (!told_) guess();
  untold = untold && !told_;
  auto out = lines_.finish(from, to, gap.empty() && !untold);
  if (told_) guess();
  if (gap.empty() && untold) gap = "the log's format cannot be told from its lines";
  if (gap.empty() && !out.by_server.complete)
    gap = fmt::format("{} of {} lines of the log are not of its format, or were cut off", out.broken, out.lines);
  out.by_server.gap = std::move(gap);
  say_what_is_found();
  return out;
}

}  // namespace davy::signals
