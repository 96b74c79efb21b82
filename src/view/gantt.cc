// The timeline of a run: a row for each step that was tried, a bar for each attempt.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "view/ink.h"
#include "view/page.h"
#include "view/words.h"

namespace davy::view {
namespace {

// On a telephone a name stands above its bar, where beside it there would be no room for either.
struct Layout {
  const char* shown;
  double width, left, right, row, bar;  // bar: where it begins below its row's top
  bool above;
};
constexpr Layout kWide{"on-wide", 1080, 250, 1060, 22, 5, false}, kNarrow{"on-narrow", 400, 12, 388, 34, 18, true};
constexpr double kTop = 24, kThick = 12, kLabel = 60;  // kLabel: room for a length of time
constexpr std::size_t kMostRows = 60;                  // more than that nobody reads: then a row is a group

struct GanttRow {
  std::string name;
  std::vector<TryView> tries;
};

std::string group_of(const StepView& s) {
  std::string out;
  for (auto& part : groups_of(short_path(s.path), s.says)) out += (out.empty() ? "" : "/") + part;
  return out.empty() ? std::string(short_path(s.path)) : out;
}

std::vector<GanttRow> rows_of(const RunView& v) {
  std::vector<GanttRow> rows;
  auto tried = std::ranges::count_if(v.steps, [](auto& s) { return !s.tries.empty(); });
  bool by_group = static_cast<std::size_t>(tried) > kMostRows;
  for (auto& s : v.steps) {
    if (s.tries.empty()) continue;
    auto name = by_group ? group_of(s) : std::string(short_path(s.path));
    if (rows.empty() || !by_group || rows.back().name != name) rows.push_back({name, {}});
    auto& tries = rows.back().tries;
    for (auto one : s.tries) {  // what somebody passed over is no failure any more
      if (s.status == Status::skipped && one.outcome != run::Outcome::ok) one.outcome = run::Outcome::cancelled;
      tries.push_back(one);
    }
  }
  std::ranges::stable_sort(rows, {}, [](const GanttRow& row) { return row.tries.front().started; });
  return rows;
}

std::string_view class_of(const TryView& t) {
  if (!t.ended) return "b-open";
  if (t.outcome == run::Outcome::cancelled) return "b-stopped";
  if (t.outcome != run::Outcome::ok) return "b-failed";
  return t.way == run::Way::undo ? "b-undo" : "b-ok";
}

// The end of a path tells more than its beginning.
std::string name_cut(const std::string& name) {
  constexpr int kMost = 36;
  auto safe = clean(name);
  if (columns(safe) <= kMost) return safe;
  auto slash = safe.find('/', safe.size() - std::min<std::size_t>(safe.size(), kMost - 1));
  return slash == safe.npos ? cut(safe, kMost) : "…" + cut(safe.substr(slash), kMost - 1);
}

// Beside the bar, where there is room; else in it.
std::string length(const TryView& t, const Axis& axis, double y, Time now) {
  auto from = axis.x(t.started), to = std::max(from + 3.0, axis.x(t.ended.value_or(now)));
  auto text = took(t.started, t.ended.value_or(now));
  if (to + kLabel < axis.right)
    return fmt::format(R"(<text class="tick" x="{:.1f}" y="{:.1f}">{}</text>)", to + 5, y, text);
  bool inside = from - kLabel < axis.left;
  return fmt::format(R"(<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="end">{}</text>)",
                     inside ? "inside" : "tick", (inside ? to : from) - 5, y, text);
}

std::string bars(const GanttRow& row, const Axis& axis, double y, Time now) {
  std::string out;
  for (auto& t : row.tries) {
    auto x = axis.x(t.started), width = std::max(3.0, axis.x(t.ended.value_or(now)) - x);
    auto way = t.way == run::Way::undo ? "taken back" : t.way == run::Way::aside ? "users taken away" : "";
    out += fmt::format(
        R"(<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{}" rx="2"><title>{} {} {}</title></rect>)",
        class_of(t), x, y, width, kThick, esc(row.name), way, took(t.started, t.ended.value_or(now)));
  }
  return row.tries.size() == 1 ? out + length(row.tries.front(), axis, y + 10, now) : out;
}

std::string drawn(const RunView& v, const std::vector<GanttRow>& rows, const Layout& at) {
  auto axis = axis_of(v, at.left, at.right);
  auto bottom = kTop + at.row * static_cast<double>(rows.size());
  std::string out =
      fmt::format(R"(<svg class="{}" viewBox="0 0 {} {:.0f}" role="img" aria-label="Timeline of all attempts">)",
                  at.shown, at.width, bottom + 24);
  out += bands(v, axis, kTop, bottom) + time_grid(axis, kTop, bottom);
  out += verdict_lines(v, axis, kTop - 4, bottom);  // behind the names, which stay readable
  double y = kTop;
  for (auto& row : rows) {
    out += fmt::format(R"(<text class="row" x="{}" y="{:.1f}"{}>{}</text>)", at.above ? at.left : at.left - 12,
                       at.above ? y + 14 : y + 15, at.above ? "" : R"( text-anchor="end")", esc(name_cut(row.name)));
    out += bars(row, axis, y + at.bar, v.ended.value_or(v.now));
    y += at.row;
  }
  return out + "</svg>";
}

}  // namespace

std::string gantt(const RunView& v) {
  auto rows = rows_of(v);
  return rows.empty() ? "" : drawn(v, rows, kWide) + drawn(v, rows, kNarrow);
}

}  // namespace davy::view
