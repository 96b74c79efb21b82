// A traffic log as a recording: its lines, second by second by their own times.
#include <fmt/format.h>

#include "analyze/input.h"
#include "cli/recording.h"
#include "signals/accumulator.h"

namespace davy::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBlock = 1 << 20, kLongest = 1 << 16, kGuess = 64;

// Lines of a log, whatever blocks it comes in.
class Lines {
 public:
  explicit Lines(analyze::Input input) : input_(std::move(input)), block_(kBlock, '\0') {}

  // Calls `line` for each; what is longer than a line can be is handed over in pieces, which are broken lines.
  Result<> each(const std::function<void(std::string_view)>& line) {
    for (;;) {
      auto n = input_.read(block_.data(), block_.size());
      if (!n) return std::unexpected(n.error());
      if (*n == 0) break;
      take(std::string_view(block_.data(), *n), line);
    }
    if (!rest_.empty()) line(rest_);
    return {};
  }

 private:
  void take(std::string_view text, const std::function<void(std::string_view)>& line) {
    for (std::size_t end; (end = text.find('\n')) != text.npos; text.remove_prefix(end + 1)) {
      rest_.append(text.substr(0, end));
      line(rest_);
      rest_.clear();
    }
    rest_.append(text);
    if (rest_.size() > kLongest) line(rest_), rest_.clear();
  }

  analyze::Input input_;
  std::string block_, rest_;
};

// Requests are counted in the second in which they ended. Logs are written in about that order; a line that is late by
// more than what is open counts into the oldest second that is.
class Seconds {
 public:
  Seconds(signals::Format format, signals::ReleaseMap map)
      : format_(format), map_(std::move(map)), now_(signals::AccumulatorOptions{.format = format}) {}

  void line(std::string_view text) {
    signals::Line parsed;
    if (format_.parse(text, parsed) == signals::Parsed::line && parsed.end) advance(*parsed.end);
    now_.line(text);
  }
  std::vector<judge::Window> end() {
    close(second_ + 1s);
    return std::move(out_);
  }

 private:
  void advance(Time at) {
    auto second = std::chrono::floor<std::chrono::seconds>(at);
    if (second_ == Time{}) second_ = second;
    while (second_ < second) close(second_ + 1s);
  }
  void close(Time to) {
    if (second_ == Time{}) return;
    out_.push_back(map_.apply(now_.finish(second_, to).by_server));
    second_ = to;
  }

  signals::Format format_;
  signals::ReleaseMap map_;
  signals::Accumulator now_;
  Time second_{};
  std::vector<judge::Window> out_;
};

Result<signals::Format> guess(const std::string& file) {
  auto input = analyze::Input::open(file);
  if (!input) return std::unexpected(input.error());
  std::string text(kLongest, '\0');
  std::size_t have = 0;
  for (std::size_t more = 1; more > 0 && have < text.size(); have += more) {
    auto n = input->read(text.data() + have, text.size() - have);
    if (!n) return std::unexpected(n.error());
    more = *n;
  }
  text.resize(have);
  auto lines = split(text, '\n');
  lines.resize(std::min(lines.size(), kGuess));
  if (lines.size() > 1) lines.pop_back();  // cut off
  return signals::Format::guess(lines);
}

}  // namespace

Result<Recording> recording_of_log(const std::string& file, const std::vector<std::string>& candidate,
                                   const std::vector<std::string>& previous) {
  if (candidate.empty())
    return fail(Code::invalid, "which of the log's servers were the candidate?",
                "say so with --candidate, such as green*");
  auto format = guess(file);
  if (!format) return std::unexpected(format.error());
  signals::ReleaseMap map;
  for (auto& label : candidate) map.set(label, "candidate");
  for (auto& label : previous) map.set(label, "previous");
  auto input = analyze::Input::open(file);
  if (!input) return std::unexpected(input.error());
  Seconds seconds(*format, map);
  if (auto read = Lines(std::move(*input)).each([&](std::string_view line) { seconds.line(line); }); !read)
    return std::unexpected(read.error());
  Recording out{.name = file, .version = "candidate", .windows = seconds.end()};
  run::Subject subject{.candidate = {"of " + joined(candidate, ","), "candidate"}};
  if (!previous.empty()) subject.previous = {"of " + joined(previous, ","), "previous"};
  out.subjects.push_back(subject);
  if (out.windows.empty()) return fail(Code::invalid, file + ": no line with a time");
  return out;
}

}  // namespace davy::cli
