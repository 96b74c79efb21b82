// What users met, over time: both releases against the rules' thresholds. A day of seconds has more points than a page
// has dots, so windows are merged to what can be seen.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "view/numbers.h"
#include "view/page.h"
#include "view/words.h"

namespace davy::view {
namespace {

constexpr double kWidth = 530, kHeight = 210, kLeft = 58, kRight = 512, kTop = 26, kBottom = 184;
constexpr std::int64_t kMostPoints = 240;

struct Bucket {
  Time from{}, to{};
  Duration length{};
  judge::Tally candidate, previous;
};

struct Point {
  Time at;
  std::optional<double> y;  // nothing: a gap
};
using Points = std::vector<Point>;

struct Limit {
  double value;
  std::string text;
};

struct Chart {
  std::string title;
  Points candidate, previous;
  std::vector<Limit> limits;
  std::function<std::string(double)> label;
  bool filled = false;
  double most = 0;   // of the axis; 0: as the numbers need
  double least = 1;  // of it, where all is 0
};

std::vector<Bucket> buckets_of(const RunView& v, const Axis& axis) {
  auto each = std::max<Duration>(std::chrono::seconds(1), (axis.to - axis.from) / kMostPoints);
  std::vector<Bucket> out;
  for (auto& w : v.windows) {
    if (w.from < axis.from || w.from > axis.to) continue;
    auto at = axis.from + (w.from - axis.from) / each * each;
    if (out.empty() || out.back().from != at) out.push_back({at, at + each, {}, {}, {}});
    out.back().length += w.length();
    out.back().to = std::max(out.back().to, w.to);
    out.back().candidate.merge(candidate_tally(w, v.subjects));
    out.back().previous.merge(previous_tally(w, v.subjects));
  }
  return out;
}

template <class F>
Points points(const std::vector<Bucket>& buckets, F f) {
  Points out;
  for (auto& b : buckets) {
    if (!out.empty() && b.from - out.back().at > 3 * (b.to - b.from)) out.push_back({out.back().at, {}});
    out.push_back({b.from + (b.to - b.from) / 2, f(b)});
  }
  return out;
}

using Side = judge::Tally Bucket::*;

auto rate(Side side) {
  return [side](const Bucket& b) -> std::optional<double> {
    auto n = (b.*side).attempts();
    return n > 0 && b.length > Duration{} ? std::optional(static_cast<double>(n) / seconds(b.length)) : std::nullopt;
  };
}
auto errors(Side side) {
  return
      [side](const Bucket& b) { return (b.*side).attempts() > 0 ? std::optional(error_rate(b.*side)) : std::nullopt; };
}
auto p95(Side side) {
  return [side](const Bucket& b) {
    return (b.*side).latency.count() > 0 ? std::optional(seconds((b.*side).latency.quantile(0.95))) : std::nullopt;
  };
}
std::optional<double> share(const Bucket& b) {
  auto own = static_cast<double>(b.candidate.requests), all = own + static_cast<double>(b.previous.requests);
  return all > 0 ? std::optional(own / all) : std::nullopt;
}

// Shares of a baseline move with it, so they have no line of their own.
std::vector<Limit> limits(const RunView& v, std::string_view series, std::string_view field) {
  std::vector<Limit> out;
  for (auto& rule : v.rules)
    if (auto& c = rule.when; c.series == series && c.field == field && !c.relative() && c.value.value > 0)
      out.push_back({c.value.value, fmt::format("{} → {}", c.text, word(rule.then))});
  return out;
}

double most_of(const Chart& c) {
  double most = 0;
  for (auto* side : {&c.candidate, &c.previous})
    for (auto& p : *side) most = std::max(most, p.y.value_or(0));
  return most;
}

// A threshold far above all that was measured would press the curves flat: it is told in words instead.
bool in_sight(const Limit& l, double most) { return l.value <= most * 6; }

std::string curve(const Points& all, std::string_view cls, const Axis& axis, auto y, bool filled) {
  std::string out, path;
  double first = 0, last = 0;
  auto close = [&] {
    if (path.empty()) return;
    if (first == last) path += "h5";  // one point alone: long enough to be seen
    if (filled)
      out += fmt::format(R"(<path class="area" d="{}L{:.1f},{} L{:.1f},{}Z"/>)", path, last, kBottom, first, kBottom);
    out += fmt::format(R"(<path class="{}" d="{}"/>)", cls, path);
    path.clear();
  };
  for (auto& p : all) {
    if (!p.y) {
      close();
      continue;
    }
    last = axis.x(p.at);
    if (path.empty()) first = last;
    path += fmt::format("{}{:.1f},{:.1f} ", path.empty() ? "M" : "L", last, y(*p.y));
  }
  close();
  return out;
}

std::string limit_lines(const Chart& c, double measured, double most, auto y) {
  std::string out;
  double above = kTop + 11;
  for (auto& l : c.limits) {
    bool seen = in_sight(l, measured) && l.value <= most;
    auto at = seen ? y(l.value) : 0;
    if (seen)
      out += fmt::format(R"(<line class="limit" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>)", kLeft, kRight, at, at);
    auto text_y = seen ? (at - kTop < 16 ? at + 13 : at - 5) : above;
    if (!seen) above += 14;
    out += fmt::format(R"(<text class="limittext" x="{}" y="{:.1f}">{}{}</text>)", kLeft + 6, text_y, seen ? "" : "↑ ",
                       esc(l.text));
  }
  return out;
}

std::string drawn(const RunView& v, const Chart& c) {
  auto axis = axis_of(v, kLeft, kRight);
  auto measured = most_of(c), most = c.most;
  if (most == 0) {
    most = measured;
    for (auto& l : c.limits)
      if (in_sight(l, measured)) most = std::max(most, l.value);
    most = most > 0 ? most * 1.12 : c.least;
  }
  auto y = [&](double value) { return kBottom - std::clamp(value / most, 0.0, 1.0) * (kBottom - kTop); };
  std::string out =
      fmt::format(R"(<div class="card"><h3>{0}</h3><svg viewBox="0 0 {1} {2}" role="img" aria-label="{0}">)", c.title,
                  kWidth, kHeight);
  out += bands(v, axis, kTop, kBottom) + time_grid(axis, kTop, kBottom);
  for (double t = 0, step = tick_of(most); t <= most * 1.0001; t += step)
    out += fmt::format(R"(<line class="grid" x1="{0}" x2="{1}" y1="{2:.1f}" y2="{2:.1f}"/>)"
                       R"(<text class="tick" x="{3}" y="{4:.1f}" text-anchor="end">{5}</text>)",
                       kLeft, kRight, y(t), kLeft - 7, y(t) + 4, c.label(t));
  out += curve(c.previous, "old", axis, y, false) + curve(c.candidate, "new", axis, y, c.filled);
  out += verdict_lines(v, axis, kTop - 4, kBottom) + limit_lines(c, measured, most, y);
  return out + "</svg></div>";
}

std::string rate_label(double n) {
  return n >= 10 ? thousands(static_cast<std::uint64_t>(n + 0.5)) : fmt::format("{:.3g}", n);
}
std::string time_label(double s) { return s == 0 ? "0" : human(Duration(static_cast<std::int64_t>(s * 1e9 + 0.5))); }

}  // namespace

std::string charts(const RunView& v) {
  auto axis = axis_of(v, kLeft, kRight);
  auto b = buckets_of(v, axis);
  if (b.empty()) return "";
  auto candidate = &Bucket::candidate, previous = &Bucket::previous;
  auto ratio = [](double n) { return n == 0 ? std::string("0") : percent(n); };
  Chart all[] = {
      {"Error rate", points(b, errors(candidate)), points(b, errors(previous)), limits(v, "error_rate", ""), ratio,
       false, 0, 0.01},
      {"Latency, 95th percentile", points(b, p95(candidate)), points(b, p95(previous)), limits(v, "latency", "p95"),
       time_label},
      {"Requests per second", points(b, rate(candidate)), points(b, rate(previous)), {}, rate_label},
      {"Candidate’s share of the traffic", points(b, share), {}, {}, ratio, true, 1},
  };
  std::string out = R"(<div class="charts">)";
  for (auto& c : all) out += drawn(v, c);
  return out + "</div>";
}

}  // namespace davy::view
