// What was found in traffic logs, for a terminal or a pipe: a table of groups, time as small bars, the worst paths.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/units.h"
#include "view/analysis.h"
#include "view/ink.h"
#include "view/words.h"

namespace davy::view {
namespace {

constexpr std::size_t kMostGroups = 20, kMostPaths = 10;
constexpr int kCell = 10;  // the least

class Text {
 public:
  Text(const AnalysisView& v, const Look& look) : v_(v), look_(look) {}
  std::string all() {
    if (!v_.by.empty()) {
      head();
      groups();
      over_time();
      paths();
      comparison();
    }
    if (v_.said) out_ += lines_text(*v_.said, look_);
    return std::move(out_);
  }

 private:
  Ink ink() const { return Ink(look_); }
  void put(const Ink& line) { out_ += line.str() + "\n"; }
  void gap() { out_ += "\n"; }

  void head() {
    for (auto& log : v_.logs) {
      put(ink()
              .add(log.name, Style::strong)
              .add(fmt::format("  {} lines, {}  ", thousands(log.lines), human(Bytes{std::int64_t(log.bytes)})))
              .add(log.format, Style::dim));
      if (!log.taken_for.empty() && log.taken_for != log.format)
        for (auto& row : wrapped("read as: " + clean(log.taken_for, look_.unicode), look_.width - 2, 6, look_.unicode))
          put(ink().add("  " + row));  // whole: it may say what to type
      if (log.broken == 0) continue;
      put(ink().add(fmt::format("  {} broken line{}, the first is line {}:", thousands(log.broken),
                                log.broken == 1 ? "" : "s", thousands(log.broken_at)),
                    Style::warn));
      put(ink().add("    " + log.broken_text, Style::dim));
    }
    if (v_.first && v_.last)
      put(ink().add(fmt::format("{} to {} UTC, {}", shown(*v_.first), shown(*v_.last), human(*v_.last - *v_.first))));
    if (v_.outside > 0)
      put(ink().add(fmt::format("{} lines are outside of that time, or have none", thousands(v_.outside)), Style::dim));
    if (v_.unreached > 0 && v_.unreached == v_.total.tally.requests)
      put(ink().add("not one of these requests reached a server, by what the log says, so nothing is anybody's error",
                    Style::warn));
    if (v_.other > 0) put(ink().add(fmt::format("{} lines are not about requests", thousands(v_.other)), Style::dim));
  }

  static std::string shown(Time t) { return timestamp(t).substr(0, 10) + " " + clock_text(t); }

  std::string cell(std::string_view text) const { return fmt::format("{:>{}}", text, cell_); }
  std::string count(std::uint64_t n) const { return cell(n == 0 ? "·" : thousands(n)); }
  std::string latency(const AnalysisView::Group& g, double q) const {
    return cell(g.tally.latency.count() == 0 ? "-" : human(g.tally.latency.quantile(q)));
  }

  void groups() {
    if (v_.total.tally.requests == 0) return put(ink().add("no requests"));
    gap();
    int name = static_cast<int>(v_.by.size());
    for (auto& g : v_.groups) name = std::max(name, columns(clean(g.name, look_.unicode)));
    cell_ = std::max(kCell, static_cast<int>(thousands(v_.total.tally.requests).size()) + 2);  // one may be "≤"
    narrow_ = name + 12 * cell_ > look_.width;
    name = std::min(name, std::max(12, look_.width - (narrow_ ? 8 : 12) * cell_));
    auto head = ink().add(padded(v_.by, name), Style::dim);
    for (std::string_view title :
         {"requests", "2xx", "3xx", "4xx", "5xx", "errors", "aborts", "p50", "p90", "p95", "p99", "max"})
      if (fits(title)) head.add(cell(title), Style::dim);
    put(head);
    for (std::size_t i = 0; i < std::min(v_.groups.size(), kMostGroups); ++i) put(row(v_.groups[i], name));
    if (v_.groups.size() > kMostGroups)
      put(ink().add(fmt::format("… and {} more (--json has them all)", v_.groups.size() - kMostGroups), Style::dim));
    if (v_.groups.size() > 1) put(row(v_.total, name));
  }

  Ink row(const AnalysisView::Group& g, int name) const {
    auto& t = g.tally;
    auto line = ink().add(padded(clean(g.name, look_.unicode), name, look_.unicode), Style::strong);
    line.add(cell((g.over > 0 ? "≤" : "") + thousands(t.requests + g.over)));
    for (int c = 2; c <= 5; ++c)
      if (c != 3 || fits("3xx"))
        line.add(count(g.classes[static_cast<std::size_t>(c)]), c == 5 && g.classes[5] > 0 ? Style::bad : Style::plain);
    line.add(cell(t.errors == 0 ? "·" : percent(error_share(t))), t.errors > 0 ? Style::bad : Style::plain);
    if (fits("aborts")) line.add(count(t.aborts));
    for (auto [title, q] : {std::pair{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}})
      if (fits(title)) line.add(latency(g, q));
    if (fits("max")) line.add(cell(g.longest == Duration{} ? "-" : human(g.longest)));
    return line;
  }

  // What a narrow screen can do without.
  bool fits(std::string_view title) const {
    return !narrow_ || (title != "3xx" && title != "aborts" && title != "p90" && title != "max");
  }

  static double error_share(const judge::Tally& t) {
    return t.requests == 0 ? 0 : static_cast<double>(t.errors) / static_cast<double>(t.requests);
  }

  // One letter a column: as high as the value is of the highest.
  std::string bars(const std::vector<double>& values) const {
    constexpr std::string_view kUnicode[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    constexpr std::string_view kPlain = " ..::-=#@";
    auto most = std::max(1e-12, *std::ranges::max_element(values));
    std::string out;
    for (auto v : values) {
      auto level = v <= 0 ? 0 : std::clamp(static_cast<int>(v / most * 8 + 0.5), 1, 8);
      out += look_.unicode ? kUnicode[level] : kPlain.substr(static_cast<std::size_t>(level), 1);
    }
    return out;
  }

  // As many columns as there are, each of several points.
  struct Column {
    judge::Tally all;
  };
  std::vector<Column> columns_of_time() const {
    auto room = static_cast<std::size_t>(std::clamp(look_.width - 40, 20, 80));
    auto each = (v_.points.size() + room - 1) / room;
    std::vector<Column> out;
    for (std::size_t i = 0; i < v_.points.size(); ++i) {
      if (i % each == 0) out.emplace_back();
      out.back().all.merge(v_.points[i].all);
    }
    length_ = v_.width * static_cast<std::int64_t>(each);
    return out;
  }

  void over_time() {
    if (v_.points.size() < 2) return;
    auto columns = columns_of_time();
    gap();
    put(ink().add(fmt::format("over time, {} a column", human(length_)), Style::dim));
    auto chart = [&](std::string_view title, Style style, const std::function<double(const judge::Tally&)>& value,
                     const std::function<std::string(double)>& say) {
      std::vector<double> values;
      for (auto& c : columns) values.push_back(value(c.all));
      auto most = *std::ranges::max_element(values);
      if (most > 0)
        put(ink().add(padded(title, 10), Style::dim).add(bars(values), style).add("  at most " + say(most)));
    };
    chart(
        "requests", Style::busy, [&](auto& t) { return static_cast<double>(t.requests) / seconds(length_); },
        [](double n) {
          return n < 10 ? fmt::format("{:.2g}/s", n) : thousands(static_cast<std::uint64_t>(n + 0.5)) + "/s";
        });
    chart("errors", Style::bad, error_share, [](double n) { return percent(n); });
    chart(
        "p95", Style::plain, [](auto& t) { return t.latency.count() == 0 ? 0 : seconds(t.latency.quantile(0.95)); },
        [](double s) { return human(Duration(static_cast<std::int64_t>(s * 1e9))); });
  }

  void paths() {
    if (v_.paths.empty()) return;
    gap();
    put(ink().add("paths that fail most", Style::dim));
    auto most = v_.paths.front().errors;
    for (std::size_t i = 0; i < std::min(v_.paths.size(), kMostPaths); ++i) {
      auto& p = v_.paths[i];
      auto line = ink()
                      .add(cell(fmt::format("{}{}", p.over > 0 ? "≤" : "", thousands(p.errors))))
                      .add(fmt::format("  {}  ", p.status), Style::dim);
      line.add(bar(static_cast<double>(p.errors) / static_cast<double>(most), 12, look_.unicode), Style::bad).add("  ");
      line.add(p.path.empty() ? "(none)" : p.path);
      if (v_.comparison)
        line.add(fmt::format("  ({} on the baseline, {} on the candidate)", p.baseline, p.candidate), Style::dim);
      put(line);
    }
  }

  void comparison() {
    if (!v_.comparison) return;
    auto& c = *v_.comparison;
    gap();
    auto style = c.verdict == "roll back" ? Style::bad : c.verdict == "keep watching" ? Style::good : Style::warn;
    auto sentence = wrapped(clean(c.sentence, look_.unicode), look_.width - 2, 6, look_.unicode);
    put(ink().add(c.verdict, style));
    for (auto& part : sentence) put(ink().add("  " + part));
    if (c.before.latency.count() > 0 && c.after.latency.count() > 0)
      put(ink().add(fmt::format("  latency, candidate against baseline: p50 {} against {}, p95 {} against {}, p99 {} "
                                "against {} (not tested)",
                                human(c.after.latency.quantile(0.5)), human(c.before.latency.quantile(0.5)),
                                human(c.after.latency.quantile(0.95)), human(c.before.latency.quantile(0.95)),
                                human(c.after.latency.quantile(0.99)), human(c.before.latency.quantile(0.99))),
                    Style::dim));
  }

  const AnalysisView& v_;
  Look look_;
  std::string out_;
  bool narrow_ = false;
  int cell_ = kCell;
  mutable Duration length_{};
};

}  // namespace

std::string analysis_text(const AnalysisView& v, const Look& look) { return Text(v, look).all(); }

}  // namespace davy::view
