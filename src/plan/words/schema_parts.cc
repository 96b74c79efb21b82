#include "plan/words/schema_parts.h"

#include <fmt/format.h>

namespace davy::plan {
namespace {

using spec::Json;

std::string words_of(const Json& words) {
  std::string out;
  for (auto& word : words) {
    auto text = word.is_string() ? word.get<std::string>() : word.dump();
    out += (out.empty() ? "`" : ", `") + text + "`";
  }
  return out;
}

// The leaves name themselves by their patterns.
std::string leaf_name(const Json& schema) {
  static const std::pair<Json, std::string> kLeaves[] = {{spec::schema<bool>(), "on / off"},
                                                         {spec::schema<Duration>(), "duration"},
                                                         {spec::schema<Ratio>(), "percentage"},
                                                         {spec::schema<Bytes>(), "size"},
                                                         {spec::schema<PerSecond>(), "rate"},
                                                         {spec::schema<std::string>(), "text"},
                                                         {spec::schema<spec::Condition>(), "condition"},
                                                         {spec::schema<std::int32_t>(), "whole number"},
                                                         {spec::schema<double>(), "number"}};
  for (auto& [leaf, name] : kLeaves) {
    bool fits = true;
    for (auto& [key, value] : leaf.items())
      if (key != "description") fits &= schema.contains(key) && schema[key] == value;
    if (fits) return name;
  }
  return {};
}

bool one_or_list(const Json& schema) {
  if (!schema.contains("anyOf") || schema["anyOf"].size() != 2) return false;
  auto& list = schema["anyOf"][1];
  return list.value("type", "") == "array" && list.contains("items") && list["items"] == schema["anyOf"][0];
}

}  // namespace

Json object_form(const Json& schema) {
  if (schema.contains("properties")) return schema;
  if (schema.contains("anyOf"))
    for (auto& form : schema["anyOf"])
      if (form.contains("properties")) return form;
  return {{"type", "object"}, {"properties", Json::object()}};
}

Json required_with(const Json& schema, std::string_view kind) {
  auto out = Json::array({std::string(kind)});
  for (auto& key : schema.value("required", Json::array()))
    if (key != kind) out.push_back(key);
  return out;
}

Json watch_schema() {
  auto out = schema_with_lists<WatchSection>();
  auto& list = out["properties"]["do"];
  list = {{"type", "array"},
          {"minItems", 1},
          {"items", {{"$ref", "#/$defs/watch-step"}}},
          {"description", list["description"]}};
  return out;
}

Json releases_schema() {
  auto out = schema_with_lists<ReleasesSection>();
  auto& prepare = out["properties"]["prepare"];
  Json list{{"type", "array"}, {"minItems", 1}, {"items", {{"$ref", "#/$defs/prepare-step"}}}};
  list["description"] = prepare["description"];
  prepare = list;
  return out;
}

std::string value_name(const Json& schema) {
  if (schema.contains("$ref")) return "steps";
  if (one_or_list(schema)) return value_name(schema["anyOf"][0]) + ", or a list";
  if (auto leaf = leaf_name(schema); !leaf.empty()) return leaf;
  if (schema.contains("enum")) return words_of(schema["enum"]);
  if (schema.contains("anyOf")) {
    auto& other = schema["anyOf"][1];
    return value_name(schema["anyOf"][0]) + ", or " +
           (other.value("type", "") == "object" ? "a map" : value_name(other));
  }
  auto type = schema.contains("type") && schema["type"].is_string() ? schema["type"].get<std::string>() : "";
  if (type == "array" && schema.contains("items")) return "list of " + value_name(schema["items"]);
  if (type == "object") return "map";
  return type == "string" ? "text" : "value";
}

}  // namespace davy::plan
