// The report: one page that tells a run to somebody who was not there.
#include <fmt/format.h>

#include <algorithm>

#include "view/ink.h"
#include "view/page.h"
#include "view/words.h"

namespace davy::view {
namespace {

std::string badge(const RunView& v) {
  auto one = [](std::string_view tone, const std::string& text) {
    return fmt::format(R"(<span class="badge {}">{}</span>)", tone, text);
  };
  if (v.ending == run::Ending::done) return one("good", "done");
  if (v.ending == run::Ending::rolled_back || v.ending == run::Ending::replaced) return one("warn", word(*v.ending));
  if (v.ending) return one("bad", word(*v.ending));
  return one("warn", v.mode == run::Mode::forward ? "running" : word(v.mode));
}

std::string head(const RunView& v) {
  auto from = v.previous.empty() ? "" : fmt::format(R"({} <span class="to">→</span> )", esc(v.previous));
  std::string out = R"(<p class="over">Davy · report of run )" + esc(v.id) + "</p>";
  out += fmt::format("<h1>{} {}{}{}</h1>", esc(services(v.subjects)), from, esc(v.version), badge(v));
  if (auto& said = v.question_or_sentence; !said.empty()) {
    auto stop = std::string_view(".!?").contains(said.back()) ? "" : ".";
    out += fmt::format(R"(<p class="lead">{}{}</p>)", esc(said), stop);
  }
  if (!v.next_command.empty() && !v.ended)
    for (auto& command : v.next)
      out += fmt::format(R"(<p class="next">{} <code>{}</code></p>)", &command == &v.next.front() ? "Now:" : "or",
                         esc(command));
  return out;
}

std::string facts(const RunView& v) {
  std::string out = "<dl>";
  auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", name, esc(value));
  };
  auto started = timestamp(v.started);
  add("environment", v.environment);
  add("started (UTC)", started.substr(0, 10) + " " + clock_text(v.started));
  add(v.ended ? "took" : "so far", took(v.started, v.ended.value_or(v.now)));
  add("by", v.who);
  add("why", v.why);
  add("takes back", v.takes_back.empty() ? "" : "run " + v.takes_back);
  add("urgent", v.urgent ? "optional steps left out, short bakes" : "");
  auto tried = std::ranges::count_if(v.steps, [](auto& s) { return !s.tries.empty(); });
  add("steps", fmt::format("{} of {} begun", tried, v.steps.size()));
  add("runbook", v.hash.substr(0, 12));
  return out + "</dl>";
}

struct Hint {
  std::string_view cls;
  std::string text;
};

std::string key(const std::vector<Hint>& hints) {
  std::string out = R"(<p class="key">)";
  for (auto& [cls, text] : hints) out += fmt::format(R"(<span><i class="i-{}"></i>{}</span>)", cls, text);
  return out + "</p>";
}

std::string section(std::string_view title, const std::string& body) {
  return body.empty() ? "" : fmt::format("<h2>{}</h2>{}", title, body);
}

// Evidence comes as numbers by name, one level deep for each release.
std::string leaf_rows(const spec::Value& evidence, const std::string& prefix, int depth) {
  std::string out;
  for (auto& [name, mark, value] : evidence.map() ? *evidence.map() : spec::Map{}) {
    auto full = prefix.empty() ? name : prefix + " · " + name;
    if (value.map() && depth < 3)
      out += leaf_rows(value, full, depth + 1);
    else if (auto text = spec::scalar_text(value))
      out += fmt::format(R"(<tr><td>{}</td><td class="n mono">{}</td></tr>)", esc(full), esc(*text));
  }
  return out;
}

std::string verdicts(const RunView& v) {
  std::string out;
  for (auto& one : v.verdicts) {
    auto back = one.then == run::Consequence::roll_back;
    out += fmt::format(R"(<div class="card v{}"><p><span class="num">{}</span>)"
                       R"(<b>{}</b> at {} <span class="small">· rule: {}</span></p><p>{}</p>)",
                       back ? "" : " soft", &one - v.verdicts.data() + 1, back ? "roll back" : word(one.then),
                       clock_text(one.at), esc(one.rule), esc(one.sentence));
    if (auto rows = leaf_rows(one.evidence, "", 0); !rows.empty())
      out += "<details><summary>the numbers</summary><table>" + rows + "</table></details>";
    out += "</div>";
  }
  return out;
}

std::string step_row(const StepView& s) {
  bool quiet = s.tries.empty();
  auto status = std::string(word_of(s.status));
  std::ranges::replace(status, ' ', '-');
  std::string out = fmt::format(R"(<tr{}><td><span class="mono">{}</span><br><span class="small">{}</span>)",
                                quiet ? R"( class="quiet")" : "", esc(short_path(s.path)), esc(without_prefix(s.says)));
  if (s.point_of_no_return) out += R"(<br><span class="s-failed small">point of no return</span>)";
  out += fmt::format(R"(</td><td class="st s-{}">{} {}</td><td>{}</td>)", status, mark_of(s.status, true),
                     word_of(s.status), quiet ? "" : esc(s.result));
  out += fmt::format(R"(<td class="n" data-is="attempts">{}</td><td class="n" data-is="took">{}</td></tr>)",
                     quiet ? "" : fmt::format("{}", s.attempts > 0 ? s.attempts : std::ssize(s.tries)),
                     s.started ? took(s.started, s.ended)
                     : quiet   ? ""
                               : took(s.tries.back().started, s.tries.back().ended));
  if (s.output.empty() && s.log.empty()) return out;
  out += R"(<tr><td colspan="5">)";
  if (!s.log.empty()) out += R"(<span class="small">all of its output: )" + esc(s.log) + "</span>";
  if (!s.output.empty()) out += "<pre>" + esc_lines(s.output) + "</pre>";
  return out + "</td></tr>";
}

std::string steps(const RunView& v) {
  std::string out =
      R"(<div class="scroll"><table class="steps"><thead><tr><th>step</th><th>status</th><th>what it said</th>)"
      R"(<th class="n">attempts</th><th class="n">took</th></tr></thead><tbody>)";
  for (auto& s : v.steps)
    if (!s.retreat_only) out += step_row(s);
  for (auto it = v.steps.rbegin(); it != v.steps.rend(); ++it)
    if (it->retreat_only && !it->tries.empty()) out += step_row(*it);
  return v.steps.empty() ? "" : out + "</tbody></table></div>";
}

std::string list(const std::vector<std::string>& items) {
  std::string out;
  for (auto& item : items) out += "<li>" + esc(item) + "</li>";
  return out.empty() ? "" : "<ul>" + out + "</ul>";
}

std::string rules(const RunView& v) {
  std::string out;
  for (auto& r : v.rules)
    out += fmt::format(R"(<tr><td class="mono">{}</td><td>{}</td></tr>)", esc(r.when.text), word(r.then));
  return out.empty() ? "" : "<table><thead><tr><th>rule</th><th>consequence</th></tr></thead>" + out + "</table>";
}

std::string journal(const RunView& v) {
  std::string out;
  for (auto& fact : v.facts) out += esc(fact) + "\n";
  return out.empty() ? ""
                     : "<details open><summary>what happened, line by line</summary><pre>" + out + "</pre></details>";
}

// Only the colours that occur.
std::vector<Hint> occurring(const std::string& drawn) {
  std::vector<Hint> hints;
  for (auto& hint : {Hint{"ok", "went well"},
                     {"failed", "failed"},
                     {"stopped", "stopped"},
                     {"undo", "taken back"},
                     {"open", "going on"},
                     {"hold", "held"},
                     {"aside", "stepped aside, without users"},
                     {"page", "maintenance page"}})
    if (drawn.contains(fmt::format(R"("b-{}")", hint.cls))) hints.push_back(hint);
  return hints;
}

std::string timeline(const RunView& v) {
  auto drawn = gantt(v);
  return drawn.empty() ? "" : R"(<div class="card">)" + drawn + key(occurring(drawn)) + "</div>";
}

// Who saw the maintenance page is in no release's numbers: the page is drawn behind them.
std::string what_users_met(const RunView& v) {
  auto drawn = charts(v);
  if (drawn.empty()) return "";
  auto hints = occurring(drawn);
  hints.insert(hints.begin(), {"new", "candidate " + esc(v.version)});
  if (!v.previous.empty()) hints.insert(hints.begin() + 1, {"old", "previous " + esc(v.previous)});
  return drawn + key(hints);
}

}  // namespace

// The policy in the page itself is a second lock: should an escape ever be forgotten, nothing runs and nothing loads.
std::string report_html(const RunView& v) {
  std::string out = R"(<!doctype html><html lang="en"><head><meta charset="utf-8">)";
  out += R"(<meta name="viewport" content="width=device-width,initial-scale=1">)";
  out += R"(<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">)";
  out += fmt::format("<title>{} {} · {}</title>", esc(services(v.subjects)), esc(v.version), esc(v.id));
  out += fmt::format("<style>{}</style></head><body><main>", style_sheet());
  out += head(v) + facts(v);
  out += section("Timeline", timeline(v));
  out += section("What users met", what_users_met(v));
  out += section("Verdicts", verdicts(v)) + section("People", list(v.people)) + section("Steps", steps(v));
  out += section("Rules", rules(v)) + section("Journal", journal(v));
  out += "<footer>Written by Davy from the journal of run " + esc(v.id) + ". All times are UTC.</footer>";
  return out + "</main></body></html>\n";
}

}  // namespace davy::view
