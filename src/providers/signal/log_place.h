// How a plan says where lines come from, and who may write them.
#pragma once
#include "ports/logs.h"
#include "spec/fields.h"

namespace davy::spec {

template <>
struct Leaf<ports::LogPlace> {
  static constexpr std::string_view kNoun =
      "a file, unix:PATH, udp:ADDRESS:PORT, journald:UNIT, docker:CONTAINER, command:…, or -";
  static std::optional<ports::LogPlace> parse(const Value& v) {
    auto text = scalar_text(v);
    auto parsed = text ? ports::parse_log_place(*text) : fail(Code::invalid, "");
    return parsed ? std::optional(*std::move(parsed)) : std::nullopt;
  }
  static Json print(const ports::LogPlace& p) { return ports::text_of(p); }
  static Json schema() { return {{"type", "string"}}; }
};

template <>
inline constexpr auto kWords<ports::Writers> = words<ports::Writers>(
    {{"owner", ports::Writers::owner}, {"group", ports::Writers::group}, {"everyone", ports::Writers::everyone}});

}  // namespace davy::spec
