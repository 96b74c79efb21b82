// What the checks of a whole rollout share: which kinds of step there are, and what a service's platform can do.
#pragma once
#include <algorithm>

#include "plan/parse/sections.h"

namespace davy::plan {

template <class... Kinds>
bool is_one_of(const Step& step) {
  return (std::holds_alternative<Kinds>(step.what) || ...);
}

inline bool side_by_side(const Step& s) { return is_one_of<Canary, BlueGreen, Rolling>(s); }

inline std::string_view kind_name(const Step& s) {
  return is_one_of<Canary>(s)      ? "canary"
         : is_one_of<BlueGreen>(s) ? "blue-green"
         : is_one_of<Rolling>(s)   ? "rolling"
         : is_one_of<Start>(s)     ? "start"
         : is_one_of<Stop>(s)      ? "stop"
         : is_one_of<Restart>(s)   ? "restart"
         : is_one_of<Ship>(s)      ? "ship"
                                   : "traffic";
}

inline bool can(const Reader& r, std::string_view port, const std::string& name, std::string_view what) {
  auto term = r.words.find(port, name);
  return term && std::ranges::find(term->can, what) != term->can.end();
}

// A platform that runs two, but the service says that it must not.
inline bool alone(const Reader& r, const Service& service) {
  return !service.side_by_side && has_room_for_two(r, service.platform);
}

// Each service is started once, by a word that its platform knows.
void check_started(Reader&);

}  // namespace davy::plan
