// A traffic log as a recording: its lines, second by second by their own times.
#include <set>

#include "analyze/input.h"
#include "control/recorded/recording.h"
#include "io/lines/line_stream.h"
#include "providers/signal/log.h"
#include "signals/traffic/accumulator.h"

namespace davy::control {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLongestGap = 24h;
constexpr int kManyStrange = 20;
constexpr std::size_t kSample = 1 << 16, kGuess = 64, kMostNamed = 20;

// Requests are counted in the second in which they ended. Logs are written in about that order; a line that is late by
// more than what is open counts into the oldest second that is.
class Seconds final : public io::LineSink {
 public:
  Seconds(const signals::Format& format, signals::ReleaseMap map)
      : unwrapper_(format.wrapping()), format_(format), map_(std::move(map)) {
    format_.wrap({});
    now_ = signals::Accumulator(signals::AccumulatorOptions{.format = format_});
  }

  void lost() override { now_.lost(); }
  void line(std::string_view text) override {
    auto inside = unwrapper_.line(text);
    if (!inside) return;
    signals::Request parsed;
    bool timed = format_.parse(*inside, parsed) == signals::Parsed::line && parsed.end;
    if (timed && !follows(*parsed.end)) return now_.lost();
    if (timed) advance(*parsed.end);
    now_.line(*inside);
  }
  std::vector<judge::Window> end() {
    close(second_ + 1s);
    return std::move(out_);
  }
  const std::set<std::string>& servers() const { return servers_; }  // the first few

 private:
  // A line of another year would be followed by as many seconds; where many say so the log goes on then.
  bool follows(Time at) {
    if (second_ == Time{} || at < second_ + kLongestGap) return strange_ = 0, true;
    if (++strange_ < kManyStrange) return false;
    close(second_ + 1s);
    second_ = std::chrono::floor<std::chrono::seconds>(at);
    return strange_ = 0, true;
  }
  void advance(Time at) {
    auto second = std::chrono::floor<std::chrono::seconds>(at);
    if (second_ == Time{}) second_ = second;
    while (second_ < second) close(second_ + 1s);
  }
  void close(Time to) {
    if (second_ == Time{}) return;
    auto by_server = now_.finish(second_, to).by_server;
    for (auto& [server, tally] : by_server.releases)
      if (servers_.size() < kMostNamed) servers_.insert(server);
    out_.push_back(map_.apply(by_server));
    second_ = to;
  }

  signals::Unwrapper unwrapper_;
  signals::Format format_;
  signals::ReleaseMap map_;
  signals::Accumulator now_;
  Time second_{};
  int strange_ = 0;  // lines of another day, one after the other
  std::vector<judge::Window> out_;
  std::set<std::string> servers_;
};

Result<> read_all(analyze::Input& input, io::LineSink& into) {
  io::LineBuffer lines;
  for (;;) {
    auto room = lines.room();
    auto n = input.read(room.data(), room.size());
    if (!n) return std::unexpected(n.error());
    if (*n == 0) break;
    lines.filled(*n, into);
  }
  lines.finish(into);
  return {};
}

Result<signals::Format> format_of(const std::string& file, const providers::LogSignal& signal) {
  auto input = analyze::Input::open(file);
  if (!input) return std::unexpected(input.error());
  std::string text(kSample, '\0');
  std::size_t have = 0;
  for (std::size_t more = 1; more > 0 && have < text.size(); have += more) {
    auto n = input->read(text.data() + have, text.size() - have);
    if (!n) return std::unexpected(n.error());
    more = *n;
  }
  if (have == 0) return fail(Code::invalid, file + " is empty", "a log with the requests of a deployment");
  text.resize(have);
  auto lines = split(text, '\n');
  lines.resize(std::min(lines.size(), kGuess));
  if (lines.size() > 1) lines.pop_back();  // cut off
  auto fields = providers::format_options(signal);
  if (!signals::Format::is_guessed(signal.format.text)) return signals::Format::from(signal.format.text, fields);
  auto as_planned = signals::Format::guess(lines, fields, signal.format.text);
  return as_planned || signal.format.text.empty() ? as_planned : signals::Format::guess(lines, fields);
}

}  // namespace

Result<Recording> recording_of_log(const std::string& file, const plan::Plan& plan, const Sides& sides) {
  if (sides.candidate.empty())
    return fail(Code::invalid, "which of the log's servers were the candidate?",
                "say so with --candidate, such as green*");
  // As the plan reads such a log; the first of its signals that does.
  providers::LogSignal as;
  spec::Diagnostics told_elsewhere;
  for (auto& signal : plan.signals)
    if (signal.provider.name == "access-log" && spec::decode(signal.provider.options, as, told_elsewhere)) break;
  auto format = format_of(file, as);
  if (!format) return std::unexpected(format.error());
  auto input = analyze::Input::open(file);
  if (!input) return std::unexpected(input.error());
  Seconds seconds(*format, sides.map());
  if (auto read = read_all(*input, seconds); !read) return std::unexpected(read.error());
  Recording out{.name = file, .subjects = {sides.subject()}, .version = "candidate", .windows = seconds.end()};
  if (out.windows.empty()) return fail(Code::invalid, file + ": no line with a time");
  if (auto met = met_candidate(out, sides, seconds.servers(), "server"); !met) return std::unexpected(met.error());
  return out;
}

}  // namespace davy::control
