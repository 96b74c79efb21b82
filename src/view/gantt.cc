// The timeline of a run: a row for each step that was tried, a bar for each attempt.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "view/ink.h"
#include "view/page.h"
#include "view/words.h"

namespace davy::view {
namespace {

constexpr double kWidth = 1080, kLeft = 250, kRight = 1060, kRow = 22, kTop = 24;
constexpr std::size_t kMostRows = 60;  // more than that nobody reads: then a row is a group

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

std::string bars(const GanttRow& row, const Axis& axis, double y, Time now) {
  std::string out;
  double end = 0;
  for (auto& t : row.tries) {
    auto x = axis.x(t.started), width = std::max(3.0, axis.x(t.ended.value_or(now)) - x);
    auto way = t.way == run::Way::undo ? "taken back" : t.way == run::Way::aside ? "users taken away" : "";
    out += fmt::format(
        R"(<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{}" rx="2"><title>{} {} {}</title></rect>)",
        class_of(t), x, y + 5, width, kRow - 10, esc(row.name), way, took(t.started, t.ended.value_or(now)));
    end = std::max(end, x + width);
  }
  if (row.tries.size() == 1) {
    auto& only = row.tries.front();
    auto right = end + 60 < kRight;
    out += fmt::format(R"(<text class="tick" x="{:.1f}" y="{:.1f}"{}>{}</text>)",
                       right ? end + 5 : axis.x(only.started) - 5, y + 15, right ? "" : R"( text-anchor="end")",
                       took(only.started, only.ended.value_or(now)));
  }
  return out;
}

}  // namespace

std::string gantt(const RunView& v) {
  auto rows = rows_of(v);
  if (rows.empty()) return "";
  auto axis = axis_of(v, kLeft, kRight);
  auto bottom = kTop + kRow * static_cast<double>(rows.size());
  std::string out = fmt::format(R"(<svg viewBox="0 0 {} {:.0f}" role="img" aria-label="Timeline of all attempts">)",
                                kWidth, bottom + 24);
  out += hold_bands(v, axis, kTop, bottom) + time_grid(axis, kTop, bottom);
  double y = kTop;
  for (auto& row : rows) {
    out += fmt::format(R"(<text class="row" x="{}" y="{:.1f}" text-anchor="end">{}</text>)", kLeft - 12, y + 15,
                       esc(name_cut(row.name)));
    out += bars(row, axis, y, v.ended.value_or(v.now));
    y += kRow;
  }
  return out + verdict_lines(v, axis, kTop - 4, bottom) + "</svg>";
}

}  // namespace davy::view
