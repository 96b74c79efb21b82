#include "providers/signal/traffic_lines.h"

#include "signals/traffic/no_users.h"

namespace davy::providers {
namespace {

class Taker final : public ports::LineTaker {
 public:
  explicit Taker(TrafficOptions o) : lines_(std::move(o.lines), std::move(o.guess), std::move(o.only)) {}

  void earlier(std::vector<std::string> lines) override { lines_.earlier(std::move(lines)); }
  void line(std::string_view text, Time) override { lines_.line(text); }
  bool lost() override { return lines_.lost(), true; }
  bool urgent() const override { return lines_.urgent(); }
  judge::Window finish(Time from, Time to) override {
    auto raw = lines_.finish(from, to);
    if (auto n = raw.excluded + raw.broken; n > 0) raw.by_server.counts[kUncounted][""] = n;
    if (auto says = lines_.taken_for(); says != told_) raw.by_server.states[kTakenFor][""] = told_ = std::move(says);
    return std::move(raw.by_server);
  }

 private:
  signals::GuessedLines lines_;
  std::string told_;
};

class Log final : public ports::TrafficLog {
 public:
  explicit Log(std::unique_ptr<ports::LineReading> reading) : reading_(std::move(reading)) {}

  ports::Task<judge::Window> look() override {
    auto taken = co_await reading_->next();
    if (!taken) co_return std::unexpected(taken.error());
    auto& window = taken->window;
    if (!taken->gap.empty()) window.complete = false, window.gap = std::move(taken->gap);
    window.counts.erase(kUncounted);
    if (auto says = window.states.extract(kTakenFor)) taken_for_ = says.mapped()[""];
    co_return std::move(window);
  }

  std::string taken_for() const override { return taken_for_; }

 private:
  std::unique_ptr<ports::LineReading> reading_;
  std::string taken_for_;
};

}  // namespace

std::unique_ptr<ports::LineTaker> traffic_taker(TrafficOptions o) { return std::make_unique<Taker>(std::move(o)); }

Result<TrafficOptions> traffic_options(const LogSignal& signal) {
  TrafficOptions out{.lines = {.excluded = signals::no_users(signal.ignore), .included = signal.paths},
                     .guess = {},
                     .only = signal.only};
  auto format = format_of(signal);
  if (!format) return std::unexpected(format.error());
  if (signal.format.guessed())
    out.guess = signals::FormatGuess{.only = signal.format.text, .fields = format_options(signal)};
  else
    out.lines.format = *std::move(format);
  return out;
}

Result<std::unique_ptr<ports::Source>> log_source(LogSignal o, ports::Outside& out, ports::Asking) {
  if (!out.logs) return fail(Code::invalid, "nobody here can read the lines of " + ports::text_of(o.place));
  auto how = traffic_options(o);
  if (!how) return std::unexpected(how.error());
  auto reading = out.logs->open({o.place, o.writers}, traffic_taker(*std::move(how)));
  if (!reading) return std::unexpected(reading.error());
  return std::make_unique<Log>(std::move(*reading));
}

}  // namespace davy::providers
