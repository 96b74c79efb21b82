// The same report for other programs. Titles and what was seen come from outside: each format's own signs are escaped.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/text.h"
#include "view/checks.h"
#include "view/words.h"

namespace davy::view {
namespace {

double length_of(const CheckItem& i) { return i.began && i.ended ? seconds(*i.ended - *i.began) : 0; }

double length_of(const CheckReport& r) { return seconds(r.now - r.began); }

// XML 1.0 knows no control characters, however they are written.
std::string xml(std::string_view text) { return html_escaped(printable(text, true)); }

// All that is known of what is not well, a line each.
std::string details(const CheckItem& i) {
  std::string out = i.says;
  for (auto& [name, text] :
       {std::pair{"expected", &i.expected}, {"found", &i.found}, {"raw", &i.raw}, {"do", &i.to_do}})
    if (!text->empty()) out += fmt::format("\n{}: {}", name, *text);
  return out;
}

bool not_looked_at(const CheckItem& i) { return i.state == CheckState::asked || i.state == CheckState::elsewhere; }

bool passes_over(const CheckItem& i) { return i.state == CheckState::skipped || not_looked_at(i); }

std::string test_case(const CheckItem& i, const std::string& plan) {
  auto open = fmt::format(R"(    <testcase classname="{}" name="{}" time="{:.3f}")",
                          xml(plan + "." + (i.group.empty() ? "checks" : i.group)), xml(i.title), length_of(i));
  if (i.state == CheckState::ok) return open + "/>\n";
  if (passes_over(i)) return open + fmt::format("><skipped message=\"{}\"/></testcase>\n", xml(i.says));
  if (i.state == CheckState::degraded)
    return open + fmt::format("><system-out>{}</system-out></testcase>\n", xml("warning: " + details(i)));
  auto kind = i.state == CheckState::failed ? "failure" : "error";
  return open + fmt::format("><{0} message=\"{1}\" type=\"{2}\">{3}</{0}></testcase>\n", kind, xml(i.says),
                            word_of(i.state), xml(details(i)));
}

std::vector<std::string> groups_in(const CheckReport& r) {
  std::vector<std::string> out;
  for (auto& i : r.items)
    if (std::ranges::find(out, i.group) == out.end()) out.push_back(i.group);
  return out;
}

std::string suite(const CheckReport& r, const std::string& group) {
  std::string cases;
  int tests = 0, failures = 0, errors = 0, skipped = 0;
  double time = 0;
  for (auto& i : r.items) {
    if (i.group != group) continue;
    cases += test_case(i, r.plan);
    ++tests, failures += i.state == CheckState::failed, skipped += passes_over(i), time += length_of(i);
    errors += i.state != CheckState::failed && i.state != CheckState::ok && i.state != CheckState::degraded &&
              !passes_over(i);
  }
  return fmt::format(
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3f}\" "
      "timestamp=\"{}\">\n{}  </testsuite>\n",
      xml(group.empty() ? "checks" : group), tests, failures, errors, skipped, time, timestamp(r.began).substr(0, 19),
      cases);
}

// `#` begins a directive in TAP.
std::string tap_text(std::string_view text) {
  std::string out;
  for (char c : printable(text)) out += c == '#' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out;
}

std::string yaml_text(std::string_view text) {
  return spec::dump(spec::Json(printable(text, true)));  // a text of JSON is one of YAML
}

std::string diagnosis(const CheckItem& i) {
  auto out = fmt::format("  ---\n  message: {}\n  severity: {}\n", yaml_text(i.says),
                         i.state == CheckState::degraded ? "warning" : "fail");
  for (auto& [name, text] :
       {std::pair{"expected", &i.expected}, {"found", &i.found}, {"raw", &i.raw}, {"do", &i.to_do}})
    if (!text->empty()) out += fmt::format("  {}: {}\n", name, yaml_text(*text));
  return out + "  ...\n";
}

// Labels may hold anything but a bare backslash, quote or end of line.
std::string label(std::string_view text) {
  std::string out;
  for (char c : printable(text)) out += c == '\\' || c == '"' ? std::string("\\") + c : std::string(1, c);
  return out;
}

std::string labels(const CheckReport& r, const CheckItem& i) {
  return fmt::format(R"({{plan="{}",environment="{}",group="{}",check="{}"}})", label(r.plan), label(r.environment),
                     label(i.group), label(i.title));
}

// `|` would begin the figures of a plug-in's output.
std::string nagios_text(std::string_view text) {
  auto out = printable(text);
  std::ranges::replace(out, '|', '/');
  return out;
}

std::string nagios_label(const CheckItem& i) {
  std::string out;
  for (char c : printable(i.path())) out += c == '\'' ? "''" : c == '=' ? "-" : std::string(1, c == '|' ? '/' : c);
  return "'" + out + "'";
}

}  // namespace

spec::Json to_json(const CheckReport& r) {
  auto all = spec::Json::array();
  for (auto& i : r.items) {
    spec::Json one{{"item", i.path()}, {"result", word_of(i.state)}, {"says", i.says}};
    if (i.state != CheckState::ok)
      for (auto& [name, text] :
           {std::pair{"expected", &i.expected}, {"found", &i.found}, {"raw", &i.raw}, {"do", &i.to_do}})
        if (!text->empty()) one[name] = *text;
    if (i.optional) one["optional"] = true;
    if (i.began && i.ended) one["seconds"] = length_of(i);
    all.push_back(std::move(one));
  }
  return all;
}

std::string junit(const CheckReport& r) {
  auto unknown = r.items.size() - r.count(CheckState::ok) - r.count(CheckState::degraded) -
                 r.count(CheckState::failed) - static_cast<std::size_t>(std::ranges::count_if(r.items, passes_over));
  auto out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\" tests=\"{}\" failures=\"{}\" "
      "errors=\"{}\" time=\"{:.3f}\">\n",
      xml(r.plan), r.items.size(), r.count(CheckState::failed), unknown, length_of(r));
  for (auto& group : groups_in(r)) out += suite(r, group);
  return out + "</testsuites>\n";
}

std::string tap(const CheckReport& r) {
  auto out = fmt::format("TAP version 14\n1..{}\n", r.items.size());
  for (std::size_t n = 1; auto& i : r.items) {
    bool fine = i.state == CheckState::ok || i.state == CheckState::degraded || passes_over(i);
    out += fmt::format("{} {} - {}", fine ? "ok" : "not ok", n++, tap_text(i.path()));
    out += passes_over(i) ? " # SKIP " + tap_text(i.says) + "\n" : "\n";
    if (!passes_over(i) && i.state != CheckState::ok) out += diagnosis(i);
    if (i.state == CheckState::degraded)
      out += fmt::format("# WARNING {}: {}\n", printable(i.path()), printable(i.says));
  }
  return out;
}

int nagios_code(const CheckReport& r) {
  constexpr int kWarning = 1, kCritical = 2, kUnknown = 3;
  if (r.count(CheckState::failed) > 0) return kCritical;
  if (!r.well()) return kUnknown;
  return r.count(CheckState::degraded) + r.count(CheckState::skipped) > 0 ? kWarning : 0;
}

std::string nagios(const CheckReport& r) {
  constexpr std::string_view kWords[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
  auto code = nagios_code(r);
  std::string worst, more, figures;
  for (auto state : {CheckState::failed, CheckState::blind, CheckState::degraded, CheckState::skipped})
    for (auto& i : r.items) {
      if (i.state != state) continue;
      auto said = nagios_text(i.path() + ": " + i.says);
      if (worst.empty())
        worst = said;
      else
        more += fmt::format("{}: {}\n", word_of(i.state), said);
    }
  for (auto& i : r.items)
    if (i.ended) figures += fmt::format(" {}={:.3f}s", nagios_label(i), length_of(i));
  auto out = fmt::format("DAVY {} - {} of {} checks are well", kWords[code], r.count(CheckState::ok),
                         std::ranges::count_if(r.items, std::not_fn(not_looked_at)));
  if (!worst.empty()) out += "; " + worst;
  return out + fmt::format(" |{}\n{}", figures, more);
}

std::string prometheus(const CheckReport& r) {
  std::string out = "# HELP davy_check_state 1 for the state that the check is in.\n# TYPE davy_check_state gauge\n";
  constexpr CheckState kStates[] = {CheckState::ok, CheckState::degraded, CheckState::failed, CheckState::blind,
                                    CheckState::skipped};
  for (auto& i : r.items)
    for (auto state : kStates) {
      if (not_looked_at(i)) continue;
      auto of = labels(r, i);
      out += fmt::format("davy_check_state{},state=\"{}\"}} {}\n", of.substr(0, of.size() - 1), word_of(state),
                         i.state == state ? 1 : 0);
    }
  out += "# HELP davy_check_duration_seconds How long the check took.\n# TYPE davy_check_duration_seconds gauge\n";
  for (auto& i : r.items)
    if (!not_looked_at(i)) out += fmt::format("davy_check_duration_seconds{} {:.6f}\n", labels(r, i), length_of(i));
  out += "# HELP davy_check_timestamp_seconds When the checks were over.\n# TYPE davy_check_timestamp_seconds gauge\n";
  return out + fmt::format("davy_check_timestamp_seconds{{plan=\"{}\",environment=\"{}\"}} {:.3f}\n", label(r.plan),
                           label(r.environment), seconds(r.now.time_since_epoch()));
}

}  // namespace davy::view
