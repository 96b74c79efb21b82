#include "signals/systems/beacons.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "spec/json.h"

namespace davy::signals {
namespace {

using spec::Json;

constexpr std::size_t kMost = 50, kLongest = 100;  // beacons of one body; letters of an id or a release
constexpr double kHighest = 3'600'000;             // an hour in milliseconds; a tab that was asleep tells nothing

std::optional<Vital> vital_of(std::string name) {
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (name == "load") name = "page_load";
  auto found = std::ranges::find(kVitalNames, name);
  if (found == kVitalNames.end()) return {};
  return static_cast<Vital>(found - kVitalNames.begin());
}

// Nothing: it is neither a short text nor a whole number. Empty where there is none.
std::optional<std::string> text_of(const Json& j, const std::string& key) {
  auto found = key.empty() ? j.end() : j.find(key);
  if (found == j.end() || found->is_null()) return "";
  if (found->is_number_integer()) return found->dump();
  if (!found->is_string() || found->get_ref<const std::string&>().size() > kLongest) return {};
  return found->get<std::string>();
}

void read(const Json& j, const std::string& release_by, Beacons& out) {
  auto broken = [&] { ++out.broken; };
  if (!j.is_object()) return broken();
  auto name = text_of(j, "name"), id = text_of(j, "id"), release = text_of(j, release_by);
  if (!name || name->empty() || !id || !release) return broken();
  auto vital = vital_of(*name);
  if (!vital) return;
  auto value = j.find("value");
  if (value == j.end() || !value->is_number()) return broken();
  auto number = value->get<double>();
  if (!(number >= 0 && number <= kHighest)) return broken();
  bool bare = *vital == Vital::cls || *vital == Vital::errors;
  out.all.push_back({*vital, bare ? number : number / 1000, std::move(*id), std::move(*release)});
}

}  // namespace

Beacons read_beacons(std::string_view body, const std::string& release_by) {
  Beacons out;
  auto json = spec::parse_json(body);
  if (!json) return {.all = {}, .broken = 1};
  if (!json->is_array()) return read(*json, release_by, out), out;
  for (std::size_t i = 0; i < json->size(); ++i) i < kMost ? read((*json)[i], release_by, out) : void(++out.broken);
  return out;
}

}  // namespace davy::signals
