#include "io/lines/logs.h"

#include <mutex>

#include "io/lines/line_thread.h"
#include "io/secrets/masker.h"

namespace davy::io {
namespace {

constexpr Duration kWindow = std::chrono::milliseconds(100);

std::string masked(Masker& masker, const std::string& text) {
  auto begun = masker.pass(text);
  return begun + masker.rest();
}

// A service may log what it should not; what it shows is kept and sent to people.
void mask(Masker& masker, judge::Window& w) {
  for (auto& [series, by_label] : w.shown)
    for (auto& [label, patterns] : by_label) {
      std::map<std::string, std::string> out;
      for (auto& [pattern, line] : patterns) out.try_emplace(masked(masker, pattern), masked(masker, line));
      patterns = std::move(out);
    }
  for (auto& [series, by_label] : w.states)
    for (auto& [label, word] : by_label) word = masked(masker, word);
}

Masker masker_of(const Secrets& secrets) {
  std::vector<Masker::Secret> all;
  secrets.for_each([&](auto& name, auto value) { all.push_back({name, std::string(value)}); });
  return Masker(all);
}

class Reading final : public ports::LineReading, LineSink {
 public:
  Reading(std::unique_ptr<LineStream> stream, std::unique_ptr<ports::LineTaker> taker, ports::Clock& clock,
          Masker masker)
      : taker_(std::move(taker)),
        clock_(clock),
        masker_(std::move(masker)),
        thread_(std::move(stream), *this,
                {kWindow, [this] { return clock_.now(); },
                 [this](Time from, Time to, std::string gap) { hand_over(from, to, std::move(gap)); }}) {}

  Taken take() override {
    std::lock_guard lock(mutex_);
    return std::exchange(ready_, {});
  }

 private:
  void line(std::string_view text) override { taker_->line(text, clock_.now()); }
  void lost() override { lost_ = true; }

  void hand_over(Time from, Time to, std::string gap) {
    auto window = taker_->finish(from, to);
    mask(masker_, window);
    if (std::exchange(lost_, false) && gap.empty()) gap = "a line was too long or cut off";
    std::lock_guard lock(mutex_);
    ready_.window.merge(window);
    if (ready_.gap.empty()) ready_.gap = std::move(gap);
  }

  std::unique_ptr<ports::LineTaker> taker_;
  ports::Clock& clock_;
  Masker masker_;
  bool lost_ = false;
  std::mutex mutex_;
  Taken ready_;  // under the mutex
  LineThread thread_;
};

}  // namespace

mode_t mode_of(ports::Writers who) {
  return who == ports::Writers::owner ? 0600 : who == ports::Writers::group ? 0620 : 0622;
}

LogSource source_of(const ports::LineSpec& spec) {
  using Kind = ports::LogPlace::Kind;
  auto& what = spec.place.what;
  switch (spec.place.kind) {
    case Kind::file:
      return FollowedFile{what, spec.begin};
    case Kind::unix_socket:
      return UnixSocket{what, mode_of(spec.writers)};
    case Kind::udp:
      return UdpSocket{what};
    case Kind::journald:
      return journald_command(what);
    case Kind::docker:
      return docker_command(what);
    case Kind::command:
      return LogCommand{.argv = {"/bin/sh", "-c", what}};
    case Kind::input:
      return StandardInput{};
  }
  DAVY_CHECK(false);
}

Result<std::unique_ptr<ports::LineReading>> Logs::open(const ports::LineSpec& spec,
                                                       std::unique_ptr<ports::LineTaker> taker) {
  auto stream = open_lines(source_of(spec), clock_.now());
  if (!stream) return std::unexpected(stream.error());
  return std::make_unique<Reading>(std::move(*stream), std::move(taker), clock_, masker_of(secrets_));
}

}  // namespace davy::io
