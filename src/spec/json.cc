#include "spec/json.h"

#include "base/units.h"

namespace davy::spec {

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
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& e) {
    return fail(Code::invalid, "not JSON at byte " + std::to_string(e.byte));
  } catch (const Json::exception&) {  // a number that no double holds, such as 1e999
    return fail(Code::invalid, "not JSON that can be kept: a number is out of range");
  }
}

std::string dump(const Json& j) { return j.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace davy::spec
