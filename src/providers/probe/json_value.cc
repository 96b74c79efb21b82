#include "providers/probe/json_value.h"

#include <fmt/format.h>

#include "base/text.h"
#include "signals/metrics/readout.h"

namespace davy::providers {

void take_value(ports::Observation& o, const spec::Json& value, const spec::Measure& unit) {
  if (value.is_structured()) o.numbers["count"] = static_cast<double>(value.size());
  if (value.is_number()) o.numbers["value"] = *spec::in_base({value.get<double>()}, unit);
  o.words["value"] = value.is_string() ? value.get<std::string>() : spec::dump(value);
}

void look_inside(ports::Observation& o, std::string_view text, const std::string& path, const spec::Measure& unit,
                 std::string_view what) {
  auto json = spec::parse_json(text);
  auto value = json ? signals::at_path(*json, path) : nullptr;
  if (value) return take_value(o, *value, unit);
  o.ok = false;
  o.unwell.emplace_back("value");
  o.says += json ? fmt::format(", but no `{}` in {}", path, what) : fmt::format(", but {} is not JSON", what);
}

void take_as_text(ports::Observation& o, std::string_view text, const spec::Measure& unit) {
  auto word = std::string(trimmed(text));
  if (auto found = signals::quantity(word))
    if (auto number = spec::in_base(*found, unit)) o.numbers["value"] = *number;
  o.words["value"] = std::move(word);
}

}  // namespace davy::providers
