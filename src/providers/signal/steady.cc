#include "providers/signal/steady.h"

#include <fmt/format.h>

#include "signals/metrics/finite.h"

namespace davy::providers {

Error since(Error what, Time away, Time now) {
  what.message += fmt::format("; away since {} ({})", clock_text(away), human(now - away));
  return what;
}

ports::Task<judge::Window> SteadySource::look() {
  auto began = out_.clock.now();
  auto seen = co_await read(last_);
  auto now = out_.clock.now();
  if (!seen) {
    if (seen.error().code == Code::cancelled) co_return seen;
    if (!away_) away_ = began;
    co_return std::unexpected(since(std::move(seen.error()), *away_, now));
  }
  away_.reset();
  signals::keep_finite(*seen);
  if (seen->to == Time{}) seen->to = now;
  if (seen->from == Time{}) seen->from = last_.value_or(seen->to);
  last_ = seen->to;
  co_return seen;
}

}  // namespace davy::providers
