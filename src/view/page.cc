#include "view/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/text.h"
#include "view/ink.h"

namespace davy::view {
namespace {

using namespace std::chrono_literals;

constexpr Duration kSteps[] = {1s, 2s, 5s, 10s, 15s, 30s, 1min, 2min, 5min, 10min, 15min, 30min,
                               1h, 2h, 3h, 6h,  12h, 24h, 48h,  96h,  168h, 336h,  720h};
constexpr double kTick = 56;  // the least width of a tick with its label
constexpr double kHalfALabel = 24;

Duration tick_length(const Axis& axis) {
  auto span = axis.to - axis.from;
  auto most = std::clamp(static_cast<int>((axis.right - axis.left) / kTick), 2, 8);
  for (auto step : kSteps)
    if (span / step < most) return step;
  return span / most + 1ns;
}

}  // namespace

std::string esc(std::string_view text) { return html_escaped(clean(text)); }

std::string esc_lines(std::string_view text) {
  std::string out;
  for (auto line : split(text, '\n')) out += (out.empty() ? "" : "\n") + esc(line);
  return out;
}

double Axis::x(Time t) const {
  auto share = seconds(t - from) / std::max(seconds(to - from), 1e-9);
  return left + std::clamp(share, 0.0, 1.0) * (right - left);
}

std::vector<Time> Axis::ticks() const {
  auto step = tick_length(*this);
  std::vector<Time> out;
  for (auto t = Time(from.time_since_epoch() / step * step); t <= to; t += step)
    if (t >= from) out.push_back(t);
  return out;
}

std::string Axis::label(Time t) const {
  auto step = tick_length(*this);
  if (step >= 24h) return timestamp(t).substr(5, 5);
  if (to - from > 24h) return timestamp(t).substr(5, 5) + " " + clock_text(t).substr(0, 5);
  return step < 1min ? clock_text(t) : clock_text(t).substr(0, 5);
}

Axis axis_of(const RunView& v, double left, double right) {
  auto to = v.ended.value_or(v.now);
  if (!v.windows.empty()) to = std::max(to, std::min(v.windows.back().to, to + 1min));
  return {v.started, std::max(to, v.started + 1s), left, right};
}

std::string time_grid(const Axis& axis, double top, double bottom) {
  std::string out;
  bool second = false;  // of two labels one is left out where letters are large
  for (auto t : axis.ticks()) {
    out += fmt::format(R"(<line class="grid" x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}"/>)", axis.x(t), top,
                       bottom);
    auto at_the_end = axis.right - axis.x(t) < kHalfALabel;  // centred it would be cut off
    out += fmt::format(R"(<text class="tick{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>)",
                       std::exchange(second, !second) ? " second" : "", at_the_end ? axis.right + 12 : axis.x(t),
                       bottom + 15, at_the_end ? "end" : "middle", axis.label(t));
  }
  return out;
}

std::string bands(const RunView& v, const Axis& axis, double top, double bottom) {
  std::string out;
  auto draw = [&](const std::vector<Span>& spans, std::string_view kind, std::string_view says) {
    for (auto& [from, to] : spans) {
      auto until = to.value_or(v.ended.value_or(v.now));
      auto x = axis.x(from);
      out += fmt::format(
          R"(<rect class="b-{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{} {}</title></rect>)",
          kind, x, top, std::max(2.0, axis.x(until) - x), bottom - top, says, human(until - from));
    }
  };
  draw(v.pages, "page", "maintenance page for");
  draw(v.holds, "hold", "held for");
  draw(v.asides, "aside", "stepped aside for");
  return out;
}

double tick_of(double most) {
  auto power = std::pow(10, std::floor(std::log10(most / 3)));
  for (auto n : {1.0, 2.0, 5.0})
    if (most / (n * power) <= 4) return n * power;
  return 10 * power;
}

// Verdicts that fall together share one flag, so that their numbers stay readable.
std::string verdict_lines(const RunView& v, const Axis& axis, double top, double bottom) {
  std::string out;
  for (std::size_t i = 0; i < v.verdicts.size(); ++i) {
    auto x = axis.x(v.verdicts[i].at);
    auto last = i;
    while (last + 1 < v.verdicts.size() && axis.x(v.verdicts[last + 1].at) - x < 16) ++last;
    auto label = last == i ? fmt::format("{}", i + 1) : fmt::format("{}–{}", i + 1, last + 1);
    auto wide = last == i ? 16 : 30;
    out +=
        fmt::format(R"(<line class="verdict" x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}"/>)", x, top, bottom);
    out += fmt::format(R"(<rect class="flag" x="{:.1f}" y="{:.1f}" width="{}" height="15" rx="3"/>)", x - wide / 2.0,
                       top - 16, wide);
    out += fmt::format(R"(<text class="flagtext" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>)", x, top - 5,
                       label);
    i = last;
  }
  return out;
}

}  // namespace davy::view
