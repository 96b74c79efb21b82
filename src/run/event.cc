// The only place that reads and writes events by their tables: seventeen structs of fields are dear to compile.
#include "run/event.h"

#include "spec/fields.h"

namespace davy::run {

std::string_view kind_of(const Event& e) {
  return std::visit([]<class T>(const T&) { return T::kName; }, e);
}

std::string Speaker::name() const {
  std::string out = who;
  for (auto& role : roles) out += (&role == &roles.front() ? " as " : ", ") + role;
  return out;
}

spec::Json encode(const Event& event) { return spec::encode(event); }

Result<Event> decode(std::string_view kind, const spec::Json& body, std::string_view what) {
  return spec::decoded<Event>(spec::object({{std::string(kind), {}, spec::from_json(body)}}), what);
}

}  // namespace davy::run
