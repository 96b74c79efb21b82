#include "providers/probe/quiet.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include "base/text.h"
#include "signals/words/app_line.h"

namespace davy::providers {
namespace {

constexpr Duration kLook = std::chrono::milliseconds(100);
constexpr Duration kBegins = std::chrono::seconds(5);  // a command that follows a log may take so long until it does
constexpr std::size_t kLongestShown = 500;

using Expression = std::unique_ptr<re2::RE2>;

// None where nothing is asked for.
Result<Expression> expression(const char* option, const std::string& text) {
  if (text.empty()) return Expression();
  re2::RE2::Options options;
  options.set_encoding(re2::RE2::Options::EncodingLatin1);  // logs hold any bytes
  options.set_log_errors(false);
  auto out = std::make_unique<re2::RE2>(text, options);
  if (out->ok()) return out;
  return fail(Code::invalid, fmt::format("{}: {}", option, printable(out->error())), "regular expressions are RE2's");
}

// Counts the lines that should not come and keeps the first.
class Listening final : public ports::LineTaker {
 public:
  Listening(Expression pattern, Expression known) : pattern_(std::move(pattern)), known_(std::move(known)) {}

  void line(std::string_view text, Time) override {
    if (!is_meant(text) || (known_ && re2::RE2::PartialMatch({text.data(), text.size()}, *known_))) return;
    if (count_++ == 0) first_ = printable(text.substr(0, kLongestShown));
  }
  judge::Window finish(Time from, Time to) override {
    judge::Window out{.from = from, .to = to};
    out.counts["lines"][""] = std::exchange(count_, 0);
    if (!first_.empty()) out.states["first"][""] = std::exchange(first_, {});
    return out;
  }

 private:
  bool is_meant(std::string_view text) const {
    if (pattern_) return re2::RE2::PartialMatch({text.data(), text.size()}, *pattern_);
    return signals::read_app_line(text).level == signals::Level::error;
  }

  Expression pattern_, known_;
  std::uint64_t count_ = 0;
  std::string first_;
};

ports::Observation disturbed(judge::Window& seen, Duration after) {
  auto line = seen.states["first"][""];
  auto count = static_cast<double>(seen.counts["lines"][""]);
  return {.ok = false,
          .unwell = {"lines"},
          .says = fmt::format("not quiet: after {}: {}", human(after), line),
          .numbers = {{"lines", count}, {"time", seconds(after)}},
          .words = {{"value", "loud"}, {"line", line}},
          .evidence = spec::object({{"line", {}, spec::text(line)}})};
}

}  // namespace

ports::Task<ports::Observation> perform(QuietProbe o, ports::Outside& out, ports::Asking) {
  auto pattern = expression("pattern", o.pattern), known = expression("known", o.known);
  if (!pattern) co_return std::unexpected(pattern.error());
  if (!known) co_return std::unexpected(known.error());
  if (!out.logs) co_return fail(Code::invalid, "nobody here can read the lines of " + ports::text_of(o.place));
  auto reading = out.logs->open({o.place}, std::make_unique<Listening>(std::move(*pattern), std::move(*known)));
  if (!reading) co_return std::unexpected(reading.error());
  // A window that ends when `for` is over must have been handed over, too.
  auto opened = out.clock.now(), began = opened;
  for (bool listens = false;;) {
    if (auto slept = co_await out.clock.sleep_until(out.clock.now() + kLook); !slept)
      co_return std::unexpected(slept.error());
    auto taken = (*reading)->take();
    auto watched = taken.window.to - began;
    if (taken.window.counts["lines"][""] > 0) co_return disturbed(taken.window, watched);
    bool begins = !listens && out.clock.now() - opened < kBegins;
    if (!taken.gap.empty() && !begins)
      co_return fail(Code::unavailable, "listening to " + ports::text_of(o.place) + ": " + taken.gap);
    if (!taken.gap.empty()) began = out.clock.now();
    listens |= taken.gap.empty() && watched > Duration{};
    if (!listens || watched < o.length) continue;
    co_return ports::Observation{.ok = true,
                                 .says = "quiet for " + human(o.length),
                                 .numbers = {{"lines", 0}, {"time", seconds(watched)}},
                                 .words = {{"value", "quiet"}}};
  }
}

void add_quiet_probe(ports::Registry& r) {
  using spec::Unit;
  r.probe<QuietProbe>("quiet", "Listens to a log; well is when no line of error level came for so long.",
                      "{ quiet: /var/log/shop/app.log, for: 30s, pattern: \"ERROR|FATAL\" }", perform,
                      {{"value", spec::kWord, "quiet or loud"},
                       {"line", spec::kWord, "the first line that should not have come"},
                       {"lines", Unit::none, "how many came when it ended"},
                       {"time", Unit::seconds, "how long it listened"}});
}

}  // namespace davy::providers
