#include "providers/probe/config_file.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

// toml++ 3.3 asserts what a broken file may well break: that must not end the program, so here an assertion throws.
#include <stdexcept>
#undef NDEBUG
#define TOML_EXCEPTIONS 1
#define TOML_ASSERT(expr) (static_cast<bool>(expr) ? void() : throw std::logic_error(#expr))
#include <toml++/toml.h>

#include <charconv>
#include <span>

#include "base/text.h"
#include "signals/metrics/readout.h"
#include "spec/json.h"

namespace davy::providers {
namespace {

ConfigValue of_json(const spec::Json& found) {
  if (found.is_structured()) return {.there = true, .structured = true, .count = found.size()};
  return {.there = true, .text = found.is_string() ? found.get<std::string>() : spec::dump(found)};
}

Result<ConfigValue> in_json(std::string_view text, std::string_view path) {
  auto json = spec::parse_json(text);
  if (!json) return fail(Code::invalid, "it is no JSON");
  auto found = signals::at_path(*json, path);
  return found ? of_json(*found) : ConfigValue{};
}

std::optional<std::size_t> index(std::string_view part) {
  std::size_t out = 0;
  auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), out);
  return error == std::errc{} && end == part.data() + part.size() ? std::optional(out) : std::nullopt;
}

std::optional<YAML::Node> child(const YAML::Node& node, std::string_view part) {
  if (auto at = index(part); node.IsSequence() && at && *at < node.size()) return node[*at];
  if (node.IsMap())
    for (auto entry : node)
      if (entry.first.IsScalar() && entry.first.Scalar() == part) return entry.second;
  return {};
}

// Only what lies on the path is looked at, so that aliases of aliases are never spelled out.
ConfigValue along(const YAML::Node& node, std::span<const std::string_view> path) {
  if (!path.empty()) {
    auto next = child(node, path.front());
    return next ? along(*next, path.subspan(1)) : ConfigValue{};
  }
  if (node.IsMap() || node.IsSequence()) return {.there = true, .structured = true, .count = node.size()};
  return {.there = true, .text = node.IsNull() ? "null" : node.Scalar()};
}

Result<ConfigValue> in_yaml(std::string_view text, std::string_view path) try {
  return along(YAML::Load(std::string(text)), signals::path_steps(path));
} catch (const YAML::Exception& e) {
  return fail(Code::invalid, fmt::format("it is no YAML: line {}: {}", e.mark.line + 1, printable(e.msg)));
}

ConfigValue of_toml(const toml::node& node) {
  if (auto table = node.as_table()) return {.there = true, .structured = true, .count = table->size()};
  if (auto array = node.as_array()) return {.there = true, .structured = true, .count = array->size()};
  if (auto text = node.as_string()) return {.there = true, .text = text->get()};
  std::ostringstream out;
  node.visit([&](auto& scalar) { out << scalar; });
  return {.there = true, .text = out.str()};
}

Result<ConfigValue> in_toml(std::string_view text, std::string_view path) try {
  auto parsed = toml::parse(text);
  const toml::node* node = &parsed;
  for (auto part : signals::path_steps(path)) {
    auto at = index(part);
    if (auto table = node->as_table())
      node = table->get(part);
    else if (auto array = node->as_array(); array && at)
      node = array->get(*at);
    else
      node = nullptr;
    if (!node) return ConfigValue{};
  }
  return of_toml(*node);
} catch (const toml::parse_error& e) {
  return fail(Code::invalid,
              fmt::format("it is no TOML: line {}: {}", e.source().begin.line, printable(e.description())));
} catch (const std::logic_error&) {
  return fail(Code::invalid, "it is no TOML");
}

}  // namespace

Result<ConfigValue> config_value(std::string_view text, ConfigForm form, std::string_view path) {
  switch (form) {
    case ConfigForm::json:
      return in_json(text, path);
    case ConfigForm::yaml:
      return in_yaml(text, path);
    case ConfigForm::toml:
      return in_toml(text, path);
  }
  return fail(Code::internal, "no such form");
}

}  // namespace davy::providers
