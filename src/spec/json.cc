#include "spec/json.h"

#include "base/units.h"

template class nlohmann::basic_json<nlohmann::ordered_map>;

namespace davy::spec {
namespace {

// What the parser takes, but what would end the stack of whoever walks the tree (depth), or take it minutes (an ordered
// object looks through all its members for each new one).
constexpr std::size_t kDeepest = 500, kMostMembers = 10'000;

std::optional<std::size_t> too_much(std::string_view text) {
  std::vector<std::size_t> members;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (quoted) {
      i += c == '\\';
      quoted = c != '"';
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      members.push_back(0);
    } else if ((c == '}' || c == ']') && !members.empty()) {
      members.pop_back();
    } else if (c == ':' && !members.empty()) {
      ++members.back();
    }
    if (members.size() > kDeepest || (!members.empty() && members.back() > kMostMembers)) return i + 1;
  }
  return {};
}

}  // namespace

Json to_json(const Value& v) {
  return std::visit(overloaded{[](std::monostate) { return Json(nullptr); },
                               [](const List& list) {
                                 auto out = Json::array();
                                 for (auto& item : list) out.push_back(to_json(item));
                                 return out;
                               },
                               [](const Map& map) {
                                 auto out = Json::object();
                                 for (auto& entry : map) out[entry.key] = to_json(entry.value);
                                 return out;
                               },
                               [](const auto& scalar) { return Json(scalar); }},
                    v.is);
}

Value from_json(const Json& j) {
  switch (j.type()) {
    case Json::value_t::boolean:
      return {j.get<bool>(), {}};
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
      return {j.get<std::int64_t>(), {}};
    case Json::value_t::number_float:
      return {j.get<double>(), {}};
    case Json::value_t::string:
      return {j.get<std::string>(), {}};
    case Json::value_t::array: {
      List list;
      for (auto& item : j) list.push_back(from_json(item));
      return array(std::move(list));
    }
    case Json::value_t::object: {
      Map map;
      for (auto& [key, item] : j.items()) map.push_back({key, {}, from_json(item)});
      return object(std::move(map));
    }
    default:
      return {};
  }
}

Result<Json> parse_json(std::string_view text) {
  if (auto at = too_much(text))
    return fail(Code::invalid, "JSON that is nested too deep or has too many members, at byte " + std::to_string(*at));
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& e) {
    return fail(Code::invalid, "not JSON at byte " + std::to_string(e.byte));
  } catch (const Json::out_of_range&) {  // 1e999
    return fail(Code::invalid, "JSON with a number that is too large");
  }
}

std::string dump(const Json& j) { return j.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace davy::spec
