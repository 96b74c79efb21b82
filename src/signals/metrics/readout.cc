#include "signals/metrics/readout.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "base/text.h"
#include "signals/metrics/exposition.h"
#include "spec/leaf.h"

namespace davy::signals {
namespace {

using spec::Json;

constexpr std::size_t kMost = 1000, kLongestWord = 200, kDeepest = 16;

std::string word(std::string_view text) { return printable(trimmed(text).substr(0, kLongestWord)); }

void put(Readings& out, const std::string& name, std::string_view text) {
  if (out.numbers.size() + out.words.size() >= kMost) return;
  if (auto number = quantity(trimmed(text))) out.numbers[name] = *number;
  out.words[name] = word(text);
}

void put(Readings& out, const std::string& name, const Json& j, std::size_t depth) {
  if (depth > kDeepest || out.numbers.size() + out.words.size() >= kMost) return;
  if (j.is_string()) return put(out, name, j.get_ref<const std::string&>());
  if (j.is_number()) {
    if (std::isfinite(j.get<double>())) out.numbers[name] = {j.get<double>()};
    return;
  }
  if (j.is_boolean()) return void(out.words[name] = j.get<bool>() ? "true" : "false");
  if (!j.is_structured()) return;
  out.numbers[name.empty() ? "count" : name + ".count"] = {static_cast<double>(j.size())};
  std::size_t index = 0;
  for (auto& [key, value] : j.items()) {
    auto own = j.is_array() ? std::to_string(index++) : key.substr(0, kLongestWord);
    put(out, name.empty() ? own : name + "." + own, value, depth + 1);
    if (out.numbers.size() + out.words.size() >= kMost) return;
  }
}

Result<Readings> from_json(std::string_view text, std::string_view path) {
  auto json = spec::parse_json(text);
  if (!json) return fail(Code::invalid, "the output is not JSON: " + word(text.substr(0, 60)));
  auto found = at_path(*json, path);
  if (!found) return fail(Code::invalid, fmt::format("no `{}` in the output", path));
  Readings out;
  put(out, "", *found, 0);
  return out;
}

// key=value, key: value; quotes around a value are its own affair.
Readings from_lines(std::string_view text) {
  Readings out;
  for (auto line : split(text, '\n')) {
    line = trimmed(line);
    auto at = line.find_first_of("=:");
    if (line.empty() || line[0] == '#' || at == line.npos || at == 0) continue;
    auto value = trimmed(line.substr(at + 1));
    if (value.size() > 1 && value.front() == value.back() && (value[0] == '"' || value[0] == '\''))
      value = value.substr(1, value.size() - 2);
    put(out, word(line.substr(0, at)), value);
  }
  return out;
}

}  // namespace

std::vector<std::string_view> path_steps(std::string_view path) {
  return path.empty() || path == "." ? std::vector<std::string_view>() : split(path, '.');
}

const Json* at_path(const Json& from, std::string_view path) {
  auto at = &from;
  for (auto step : path_steps(path)) {
    if (at->is_object()) {
      auto found = at->find(std::string(step));
      if (found == at->end()) return nullptr;
      at = &*found;
      continue;
    }
    std::size_t index = 0;
    auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
    if (!at->is_array() || error != std::errc{} || end != step.data() + step.size() || index >= at->size())
      return nullptr;
    at = &(*at)[index];
  }
  return at;
}

std::optional<spec::Quantity> quantity(std::string_view text) {
  using spec::Unit;
  auto finite = [](double n, Unit unit) {
    return std::isfinite(n) ? std::optional(spec::Quantity{n, unit}) : std::nullopt;
  };
  if (auto plain = exposition_number(text)) return finite(*plain, Unit::none);
  auto unit = text.find_last_of("0123456789.");
  if (unit == text.npos) return {};
  auto number = exposition_number(trimmed(text.substr(0, unit + 1)));
  auto name = trimmed(text.substr(unit + 1));
  if (!number) return {};
  if (name == "%") return finite(*number / 100, Unit::ratio);
  if (auto time = spec::duration_unit(name)) return finite(*number * seconds(*time), Unit::seconds);
  if (auto bytes = spec::byte_unit(name)) return finite(*number * *bytes, Unit::bytes);
  return {};
}

Result<Readings> read_output(std::string_view text, Readout how, std::string_view path) {
  auto whole = trimmed(text);
  if (how == Readout::json || !path.empty()) return from_json(whole, path);
  if (how == Readout::guess && (whole.starts_with('{') || whole.starts_with('[')))
    if (auto json = from_json(whole, {})) return json;
  Readings out;
  put(out, "", whole);
  if (how == Readout::number) {
    if (out.numbers.empty()) return fail(Code::invalid, "the output is not a number: " + word(whole.substr(0, 60)));
    return out;
  }
  if (how == Readout::guess && !out.numbers.empty()) return out;
  auto lines = from_lines(whole);
  if (how == Readout::lines && lines.words.empty())
    return fail(Code::invalid, "the output has no key=value lines: " + word(whole.substr(0, 60)));
  if (!lines.words.empty()) return lines;
  return out;
}

}  // namespace davy::signals
