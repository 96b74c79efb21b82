#include "providers/router/haproxy_place.h"

#include <algorithm>

#include "base/text.h"

namespace davy::providers::haproxy {
namespace {

void append(Commands& to, Commands more) {
  for (auto& command : more) to.push_back(std::move(command));
}

Commands back_in_rotation(const Layout& layout, const Server& s) {
  if (s.maint) return filled(layout.backend, s, s.address);
  // From drain: it is checked all the time, and its sticky users must not lose it for the time of a health check.
  return {weigh(layout.backend, s.name, 0), state(layout.backend, s.name, "ready")};
}

Commands new_server(const Layout& layout, const std::string& address) {
  auto words = split(layout.added, ' ');
  Server s{.name = added_name(address), .checked = std::ranges::find(words, "check") != words.end()};
  auto out = added(layout.backend, s.name, layout.placeholder, layout.added);
  append(out, filled(layout.backend, s, address));
  return out;
}

// The one that has been free for longest first: a sticky user's cookie names the slot, whoever is in it by now.
std::vector<const Server*> free_slots(const Layout& layout, const std::vector<Server>& all) {
  std::vector<const Server*> out;
  for (auto& s : all)
    if (is_free(layout, s)) out.push_back(&s);
  std::ranges::stable_sort(out, [](auto* a, auto* b) { return a->unchanged > b->unchanged; });
  return out;
}

std::string_view without_number(std::string_view name) {
  auto end = name.find_last_not_of("0123456789");
  return name.substr(0, end == name.npos ? 0 : end + 1);
}

// The slots of a server-template are called alike; one that is free gives the others away when the plan names none.
bool is_slot(const Layout& layout, const std::vector<Server>& all, const Server& s) {
  if (!layout.slots.empty()) return s.name.starts_with(layout.slots);
  return std::ranges::any_of(
      all, [&](auto& other) { return is_free(layout, other) && without_number(other.name) == without_number(s.name); });
}

}  // namespace

bool is_free(const Layout& layout, const Server& s) {
  return s.maint && s.address == layout.placeholder && s.name.starts_with(layout.slots);
}

const Server* at(const Layout& layout, const std::vector<Server>& all, std::string_view address) {
  auto it =
      std::ranges::find_if(all, [&](auto& s) { return s.address == address && !s.backup && !is_free(layout, s); });
  return it == all.end() ? nullptr : &*it;
}

Commands placed(const Layout& layout, const std::vector<Server>& now, const std::vector<std::string>& addresses) {
  Commands out;
  auto slots = free_slots(layout, now);
  auto slot = slots.begin();
  for (auto& address : addresses) {
    if (auto s = at(layout, now, address)) {
      if (s->maint || s->drain) append(out, back_in_rotation(layout, *s));
      continue;
    }
    append(out, slot == slots.end() ? new_server(layout, address) : filled(layout.backend, **slot++, address));
  }
  return out;
}

Commands emptied(const Layout& layout, const std::vector<Server>& all, const Server& s) {
  if (s.name == added_name(s.address)) return {remove(layout.backend, s.name)};
  if (!is_slot(layout, all, s)) return {};
  return {weigh(layout.backend, s.name, 0), address(layout.backend, s.name, layout.placeholder)};
}

}  // namespace davy::providers::haproxy
