#include "watch/event.h"

namespace davy::watch {

std::string_view kind_of(const Event& e) {
  return std::visit([]<class T>(const T&) { return T::kName; }, e);
}

spec::Json encode(const Event& event) { return spec::encode(event); }

Result<Event> decode(std::string_view kind, const spec::Json& body, std::string_view what) {
  return spec::decoded<Event>(spec::object({{std::string(kind), {}, spec::from_json(body)}}), what);
}

}  // namespace davy::watch
