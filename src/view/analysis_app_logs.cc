#include "view/analysis_app_logs.h"

#include <fmt/format.h>

#include "view/ink.h"
#include "view/page.h"
#include "view/words.h"

namespace davy::view {
namespace {

using spec::Json;

constexpr std::size_t kShown = 20;
constexpr int kCell = 12;

std::string cell(std::uint64_t n) { return fmt::format("{:>{}}", n == 0 ? "·" : thousands(n), kCell); }

Json json(const AppLogsView& v, const AppLogsView::BySide& lines) {
  if (!v.compared()) return {{"lines", total(lines)}};
  return {{"lines", total(lines)}, {"baseline", lines[1]}, {"candidate", lines[2]}};
}

Json json(const AppLogsView& v, const std::vector<AppLogsView::Error>& errors) {
  auto out = Json::array();
  for (auto& one : errors) {
    Json row{{"pattern", one.pattern}, {"example", one.example}};
    row.update(json(v, one.lines));
    out.push_back(std::move(row));
  }
  return out;
}

class Text {
 public:
  Text(const AppLogsView& v, const Look& look) : v_(v), look_(look) {}

  std::string all() {
    gap();
    put(columns(ink().add(padded("lines", name()), Style::dim), {"all", "baseline", "candidate"}));
    put(row("all", v_.lines, Style::plain));
    put(row("errors", v_.errors, Style::bad));
    for (auto& one : v_.patterns) put(row(one.name, one.lines, Style::plain));
    if (v_.compared())
      errors(fmt::format("{} that the baseline never showed", news_said()), v_.news);
    else
      errors("commonest errors", v_.commonest);
    return std::move(out_);
  }

 private:
  Ink ink() const { return Ink(look_); }
  void put(const Ink& line) { out_ += line.str() + "\n"; }
  void gap() { out_ += "\n"; }

  int name() const {
    int out = 12;
    for (auto& one : v_.patterns) out = std::max(out, view::columns(one.name) + 1);
    return out;
  }
  std::string news_said() const {
    return v_.news.empty() ? "no errors of the candidate"
                           : fmt::format("{} new error{}", thousands(v_.news.size()), v_.news.size() == 1 ? "" : "s");
  }
  Ink columns(Ink line, std::array<std::string_view, 3> titles) const {
    for (std::size_t i = 0; i < (v_.compared() ? 3u : 1u); ++i)
      line.add(fmt::format("{:>{}}", titles[i], kCell), Style::dim);
    return line;
  }
  Ink row(const std::string& title, const AppLogsView::BySide& lines, Style style) const {
    auto out = ink().add(padded(clean(title, look_.unicode), name(), look_.unicode), Style::strong);
    out.add(cell(total(lines)), total(lines) > 0 ? style : Style::dim);
    if (v_.compared()) out.add(cell(lines[1])).add(cell(lines[2]));
    return out;
  }
  void errors(const std::string& title, const std::vector<AppLogsView::Error>& all) {
    if (all.empty() && !v_.compared()) return;
    gap();
    put(ink().add(title, v_.compared() && !all.empty() ? Style::bad : Style::dim));
    for (std::size_t i = 0; i < std::min(all.size(), kShown); ++i) {
      put(ink().add(cell(total(all[i].lines))).add("  ").add(all[i].pattern));
      put(ink().add(std::string(kCell + 2, ' ')).add(all[i].example, Style::dim));
    }
    if (all.size() > kShown)
      put(ink().add(fmt::format("… and {} more (--json has them all)", all.size() - kShown), Style::dim));
  }

  const AppLogsView& v_;
  Look look_;
  std::string out_;
};

std::string cells(const AppLogsView& v, const AppLogsView::BySide& lines) {
  auto one = [](std::uint64_t n) { return fmt::format(R"(<td class="n">{}</td>)", thousands(n)); };
  return one(total(lines)) + (v.compared() ? one(lines[1]) + one(lines[2]) : "");
}

std::string table(const AppLogsView& v, std::string_view title, const std::string& rows) {
  auto sides = v.compared() ? R"(<th class="n">baseline</th><th class="n">candidate</th>)" : "";
  return fmt::format(R"(<div class="scroll"><table><thead><tr><th>{}</th><th class="n">lines</th>{}</tr></thead>)"
                     R"(<tbody>{}</tbody></table></div>)",
                     title, sides, rows);
}

std::string errors_html(const AppLogsView& v, std::string_view title, const std::vector<AppLogsView::Error>& all) {
  std::string rows;
  for (auto& one : all)
    rows += fmt::format(R"(<tr><td class="mono">{}<br><span class="small">{}</span></td>{}</tr>)", esc(one.pattern),
                        esc(one.example), cells(v, one.lines));
  if (all.empty()) return fmt::format("<h2>{}</h2><p>none</p>", title);
  return fmt::format("<h2>{}</h2>{}", title, table(v, "pattern, and a line of it", rows));
}

}  // namespace

std::uint64_t total(const AppLogsView::BySide& lines) { return lines[0] + lines[1] + lines[2]; }

std::string lines_text(const AppLogsView& v, const Look& look) { return Text(v, look).all(); }

Json to_json(const AppLogsView& v) {
  auto patterns = Json::array();
  for (auto& one : v.patterns) {
    Json row{{"name", one.name}, {"pattern", one.text}};
    row.update(json(v, one.lines));
    patterns.push_back(std::move(row));
  }
  auto out = json(v, v.lines);
  out["errors"] = json(v, v.errors);
  out["patterns"] = std::move(patterns);
  out["commonest_errors"] = json(v, v.commonest);
  if (v.compared()) out["new_errors"] = json(v, v.news);
  return out;
}

std::string lines_html(const AppLogsView& v) {
  auto rows = fmt::format("<tr><td>all</td>{}</tr><tr><td>errors</td>{}</tr>", cells(v, v.lines), cells(v, v.errors));
  for (auto& one : v.patterns)
    rows += fmt::format(R"(<tr><td title="{}">{}</td>{}</tr>)", esc(one.text), esc(one.name), cells(v, one.lines));
  auto out = "<h2>Lines</h2>" + table(v, "pattern", rows);
  if (v.compared()) out += errors_html(v, "Errors that the baseline never showed", v.news);
  return out + errors_html(v, "Commonest errors", v.commonest);
}

}  // namespace davy::view
