#include "providers/probe/nagios.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "base/text.h"
#include "providers/shell.h"

namespace davy::providers {
namespace {

constexpr std::size_t kMostFigures = 1000;
constexpr const char* kStates[] = {"ok", "warning", "critical"};
constexpr int kUnknown = 3;

// Letters, digits, _ and - within; a letter or _ first, as conditions have names.
std::string name_of(std::string_view label) {
  std::string out;
  for (char c : label) out += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  if (out.empty() || std::isdigit(static_cast<unsigned char>(out[0])) != 0) out.insert(0, "_");
  return out;
}

// The label and what stands behind its `=`, taken off the front: 'quoted, with '' for one of them' or up to the `=`.
std::optional<std::pair<std::string, std::string_view>> next_label(std::string_view& rest) {
  std::string label;
  std::size_t at = 0;
  if (rest.starts_with('\'')) {
    for (at = 1; at < rest.size(); ++at) {
      if (rest[at] != '\'')
        label += rest[at];
      else if (at + 1 < rest.size() && rest[at + 1] == '\'')
        label += rest[at++];
      else
        break;
    }
    ++at;
  } else {
    at = std::min(rest.find_first_of("= "), rest.size());
    label = rest.substr(0, at);
  }
  if (at >= rest.size() || rest[at] != '=') return rest = {}, std::nullopt;
  auto end = std::min(rest.find(' ', at), rest.size());
  auto value = rest.substr(at + 1, end - at - 1);
  rest = trimmed(rest.substr(end));
  return std::pair(std::move(label), value);
}

// 0.0003s, 75%, 148B, 12c (a counter), 3.
std::optional<Figure> figure(std::string_view label, std::string_view value) {
  value = value.substr(0, value.find(';'));
  Figure out{.name = name_of(label)};
  auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out.value);
  if (error != std::errc{} || !std::isfinite(out.value)) return {};
  auto unit = value.substr(static_cast<std::size_t>(end - value.data()));
  if (unit == "%") out.unit = spec::Unit::ratio, out.value /= 100;
  if (auto length = spec::duration_unit(unit)) out.unit = spec::Unit::seconds, out.value *= seconds(*length);
  if (auto bytes = spec::byte_unit(unit)) out.unit = spec::Unit::bytes, out.value *= *bytes;
  return out;
}

// Behind the `|` of the first line, and behind the next one all that follows it.
std::string figures_in(std::string_view output) {
  auto line = output.substr(0, output.find('\n'));
  auto bar = line.find('|');
  std::string out(bar == line.npos ? "" : line.substr(bar + 1));
  auto rest = output.substr(std::min(line.size() + 1, output.size()));
  if (auto more = rest.find('|'); more != rest.npos) out += " " + std::string(rest.substr(more + 1));
  for (auto& c : out)
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  return out;
}

}  // namespace

std::vector<Figure> figures(std::string_view output) {
  std::vector<Figure> out;
  auto text = figures_in(output);
  auto rest = trimmed(std::string_view(text));
  while (!rest.empty() && out.size() < kMostFigures) {
    auto next = next_label(rest);
    if (!next) break;
    if (auto one = figure(next->first, next->second)) out.push_back(*std::move(one));
  }
  return out;
}

Result<ports::Observation> observed(const NagiosProbe&, const ports::CommandEnd& end) {
  if (end.timed_out) return fail(Code::timed_out, "the plug-in " + how(end));
  if (!end.exit_code) return fail(Code::unavailable, "the plug-in: " + how(end));
  auto line = std::string_view(end.output).substr(0, end.output.find('\n'));
  auto says = printable(trimmed(line.substr(0, line.find('|'))).substr(0, 200));
  if (*end.exit_code == kUnknown) return fail(Code::unavailable, "the plug-in cannot tell: " + says);
  if (*end.exit_code < 0 || *end.exit_code > kUnknown)
    return fail(Code::invalid, "no plug-in: " + how(end), "one that exits with 0, 1, 2 or 3; `command` runs any other");
  ports::Observation out{.ok = *end.exit_code == 0, .unwell = {"value"}, .says = says};
  out.words = {{"value", kStates[*end.exit_code]}, {"output", says}};
  for (auto& one : figures(end.output)) out.numbers[one.name] = one.value, out.units[one.name] = one.unit;
  out.evidence = spec::object({{"output", {}, spec::text(printable(end.output.substr(0, 2000), true))}});
  return out;
}

ports::Task<ports::Observation> perform(NagiosProbe o, ports::Outside& out, ports::Asking who) {
  auto end = co_await out.process.ask(shell(o.text, o.cwd, who));
  if (!end) co_return std::unexpected(end.error());
  co_return observed(o, *end);
}

void add_nagios_probe(ports::Registry& r) {
  r.probe<NagiosProbe>("nagios", "Runs a plug-in of Nagios, Icinga or their like; well is OK. UNKNOWN is no answer.",
                       "{ nagios: /usr/lib/nagios/plugins/check_ssh localhost, expect: value is not critical }",
                       perform,
                       {{"value", spec::kWord, "ok, warning or critical"},
                        {"output", spec::kWord, "its first line"},
                        {"*", spec::kAny, "each figure behind its `|`, by its label, in the unit that stands there"}});
}

}  // namespace davy::providers
