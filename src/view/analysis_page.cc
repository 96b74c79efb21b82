// What was found in traffic logs, as one page that needs nothing else: no script, no font, no picture from outside.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/units.h"
#include "view/analysis.h"
#include "view/page.h"
#include "view/words.h"

namespace davy::view {
namespace {

constexpr double kWidth = 530, kHeight = 190, kLeft = 58, kRight = 512, kTop = 14, kBottom = 164;

using Value = std::function<std::optional<double>(const judge::Tally&)>;
using Say = std::function<std::string(double)>;

double share(const judge::Tally& t) {
  return t.requests == 0 ? 0 : static_cast<double>(t.errors) / static_cast<double>(t.requests);
}

std::string head(const AnalysisView& v) {
  std::string names;
  for (auto& log : v.logs) names += (names.empty() ? "" : ", ") + log.name;
  std::string out = R"(<p class="over">Davy · analysis of logs</p>)";
  std::string badge;
  if (v.comparison) {
    auto& verdict = v.comparison->verdict;
    badge = fmt::format(R"(<span class="badge {}">{}</span>)",
                        verdict == "roll back"       ? "bad"
                        : verdict == "keep watching" ? "good"
                                                     : "warn",
                        esc(verdict));
  }
  out += fmt::format("<h1>{}{}</h1>", esc(names), badge);
  if (v.comparison) out += R"(<p class="lead">)" + esc(v.comparison->sentence) + "</p>";
  return out;
}

std::string facts(const AnalysisView& v) {
  std::string out = "<dl>";
  auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", name, esc(value));
  };
  if (v.first && v.last) {
    add("from (UTC)", timestamp(*v.first).substr(0, 10) + " " + clock_text(*v.first));
    add("to (UTC)", timestamp(*v.last).substr(0, 10) + " " + clock_text(*v.last));
  }
  add("requests", thousands(v.total.tally.requests));
  add("errors", fmt::format("{} ({})", thousands(v.total.tally.errors), percent(share(v.total.tally))));
  if (v.total.tally.latency.count() > 0) add("p95", human(v.total.tally.latency.quantile(0.95)));
  if (v.broken > 0) add("broken lines", thousands(v.broken));
  if (v.unreached > 0) add("reached no server", thousands(v.unreached));
  if (v.outside > 0) add("outside of the time", thousands(v.outside));
  add("read", fmt::format("{} in {}", human(Bytes{static_cast<std::int64_t>(v.bytes)}), human(v.took)));
  return out + "</dl>";
}

std::string curve(const AnalysisView& v, judge::Tally AnalysisView::Point::* side, std::string_view cls,
                  const Axis& axis, const Value& value, const std::function<double(double)>& y) {
  std::string path;
  bool gap = true;
  double drawn = 0;
  for (auto& p : v.points) {
    auto n = value(p.*side);
    if (!n) {
      if (!gap && drawn == 1) path += "h0.01";  // one point alone is a dot, by its round ends
      gap = true;
      continue;
    }
    path += fmt::format("{}{:.1f},{:.1f} ", gap ? "M" : "L", axis.x(p.from + v.width / 2), y(*n));
    drawn = gap ? 1 : 2;
    gap = false;
  }
  if (!gap && drawn == 1) path += "h0.01";
  return path.empty() ? "" : fmt::format(R"(<path class="{}" d="{}"/>)", cls, path);
}

std::string chart(const AnalysisView& v, std::string_view title, const Value& value, const Say& say) {
  double most = 0;
  for (auto& p : v.points)
    for (auto* t : {&p.all, &p.baseline, &p.candidate}) most = std::max(most, value(*t).value_or(0));
  if (most <= 0) return "";
  Axis axis{v.points.front().from, v.points.back().from + v.width, kLeft, kRight};
  auto y = [&](double n) { return kBottom - n / (most * 1.08) * (kBottom - kTop); };
  auto out = fmt::format(R"(<div class="card"><h3>{0}</h3><svg viewBox="0 0 {1} {2}" role="img" aria-label="{0}">)",
                         title, kWidth, kHeight);
  out += time_grid(axis, kTop, kBottom);
  for (double tick = 0; tick <= most * 1.08; tick += tick_of(most))
    out += fmt::format(R"(<line class="grid" x1="{0}" x2="{1}" y1="{2:.1f}" y2="{2:.1f}"/>)"
                       R"(<text class="tick" x="{3}" y="{4:.1f}" text-anchor="end">{5}</text>)",
                       kLeft, kRight, y(tick), kLeft - 7, y(tick) + 4, esc(say(tick)));
  if (v.comparison) {
    out += curve(v, &AnalysisView::Point::baseline, "old", axis, value, y);
    out += curve(v, &AnalysisView::Point::candidate, "new", axis, value, y);
  } else {
    out += curve(v, &AnalysisView::Point::all, "new", axis, value, y);
  }
  return out + "</svg></div>";
}

std::string charts(const AnalysisView& v) {
  if (v.points.size() < 2) return "";
  auto width = seconds(v.width);
  auto time = [](double s) {
    return s == 0 ? std::string("0") : human(Duration(static_cast<std::int64_t>(s * 1e9 + 0.5)));
  };
  std::string out = chart(
      v, "Requests per second", [&](auto& t) { return std::optional(static_cast<double>(t.requests) / width); },
      [](double n) { return fmt::format("{:.3g}", n); });
  out += chart(
      v, "Error rate", [](auto& t) { return t.requests > 0 ? std::optional(share(t)) : std::nullopt; },
      [](double n) { return n == 0 ? std::string("0") : percent(n); });
  for (auto [title, q] : {std::pair{"Latency, 50th percentile", 0.5}, {"Latency, 95th percentile", 0.95}})
    out += chart(
        v, title,
        [q = q](auto& t) {
          return t.latency.count() > 0 ? std::optional(seconds(t.latency.quantile(q))) : std::nullopt;
        },
        time);
  auto key = v.comparison ? fmt::format(R"(<p class="key"><span><i class="i-new"></i>candidate {}</span>)"
                                        R"(<span><i class="i-old"></i>baseline {}</span></p>)",
                                        esc(v.comparison->candidate), esc(v.comparison->baseline))
                          : "";
  return out.empty() ? "" : R"(<h2>Over time</h2><div class="charts">)" + out + "</div>" + key;
}

std::string cell(const std::string& text) { return R"(<td class="n">)" + esc(text) + "</td>"; }

std::string row(const AnalysisView::Group& g) {
  auto& t = g.tally;
  auto out = fmt::format(R"(<tr><td class="mono">{}</td>)", esc(g.name));
  out += cell((g.over > 0 ? "≤ " : "") + thousands(t.requests + g.over));
  for (std::size_t c = 2; c <= 5; ++c) out += cell(thousands(g.classes[c]));
  out += cell(percent(share(t))) + cell(thousands(t.aborts));
  for (auto q : {0.5, 0.9, 0.95, 0.99}) out += cell(t.latency.count() == 0 ? "" : human(t.latency.quantile(q)));
  return out + cell(g.longest == Duration{} ? "" : human(g.longest)) + "</tr>";
}

std::string groups(const AnalysisView& v) {
  std::string out =
      fmt::format(R"(<h2>By {}</h2><div class="scroll"><table><thead><tr><th>{}</th>)", esc(v.by), esc(v.by));
  for (auto title : {"requests", "2xx", "3xx", "4xx", "5xx", "errors", "aborts", "p50", "p90", "p95", "p99", "max"})
    out += fmt::format(R"(<th class="n">{}</th>)", title);
  out += "</tr></thead><tbody>";
  for (std::size_t i = 0; i < std::min<std::size_t>(v.groups.size(), 200); ++i) out += row(v.groups[i]);
  if (v.groups.size() > 1) out += row(v.total);
  return out + "</tbody></table></div>";
}

std::string paths(const AnalysisView& v) {
  if (v.paths.empty()) return "";
  std::string out = R"(<h2>Paths that fail most</h2><div class="scroll"><table><thead><tr><th>path</th>)"
                    R"(<th class="n">latest status</th><th class="n">errors</th>)";
  if (v.comparison) out += R"(<th class="n">baseline</th><th class="n">candidate</th>)";
  out += "<th></th></tr></thead><tbody>";
  for (auto& p : v.paths)
    out +=
        fmt::format(R"(<tr><td class="mono">{}</td>{}{}{}<td><svg viewBox="0 0 100 8" class="bar" )"
                    R"(aria-hidden="true"><rect class="b-failed" width="{:.1f}" height="8" rx="2"/></svg></td></tr>)",
                    esc(p.path.empty() ? "(none)" : p.path), cell(fmt::format("{}", p.status)),
                    cell((p.over > 0 ? "≤ " : "") + thousands(p.errors)),
                    v.comparison ? cell(thousands(p.baseline)) + cell(thousands(p.candidate)) : "",
                    100.0 * static_cast<double>(p.errors) / static_cast<double>(v.paths.front().errors));
  return out + "</tbody></table></div>";
}

std::string logs(const AnalysisView& v) {
  std::string out = "<h2>Logs</h2>";
  for (auto& log : v.logs) {
    out += fmt::format(
        R"(<p><span class="mono">{}</span> <span class="small">{} lines, {}, {} broken; format: {}</span></p>)",
        esc(log.name), thousands(log.lines), esc(human(Bytes{static_cast<std::int64_t>(log.bytes)})),
        thousands(log.broken), esc(log.format + (log.taken_for.empty() ? "" : "; " + log.taken_for)));
    if (log.broken > 0)
      out += fmt::format(R"(<p class="small">the first broken one is line {}:</p><pre>{}</pre>)", log.broken_at,
                         esc(log.broken_text));
  }
  return out;
}

}  // namespace

// The policy in the page itself is a second lock: should an escape ever be forgotten, nothing runs and nothing loads.
std::string analysis_html(const AnalysisView& v) {
  std::string out = R"(<!doctype html><html lang="en"><head><meta charset="utf-8">)";
  out += R"(<meta name="viewport" content="width=device-width,initial-scale=1">)";
  out += R"(<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">)";
  out += "<title>Davy · logs</title>";
  out += fmt::format("<style>{}</style></head><body><main>", style_sheet());
  out += head(v);
  if (!v.by.empty()) out += facts(v) + charts(v) + groups(v) + paths(v);
  if (v.said) out += lines_html(*v.said);
  if (!v.by.empty()) out += logs(v);
  out += "<footer>Written by Davy. All times are UTC.</footer>";
  return out + "</main></body></html>\n";
}

}  // namespace davy::view
