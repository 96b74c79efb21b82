#include "providers/router/haproxy_return.h"

#include <fmt/format.h>

#include <algorithm>

namespace davy::providers::haproxy {
namespace {

using Served = ports::Served;

// `maint` stands before the lower: a Davy that is killed between the two finds a loser again.
void one(Wanted& out, const Layout& layout, const Server& s, const Served* then) {
  auto weight = then && has_users(*then) ? then->weight : 0;
  out.weights[s.name] = weight;
  bool loses = weight == 0 && (s.has_users() || !then);
  if (loses) out.losers.push_back(s.address);
  if ((loses || (then && then->state == "maint")) && !s.maint)
    out.states.push_back(state(layout.backend, s.name, "maint"));
  else if (then && then->state == "drain" && !s.drain && !s.maint)
    out.states.push_back(state(layout.backend, s.name, "drain"));
}

}  // namespace

bool has_users(const Served& s) { return s.weight > 0 && s.state == "ready"; }

Result<Wanted> as_found(const Layout& layout, const std::vector<Server>& now, const std::vector<Served>& found) {
  Wanted out;
  bool anyone = false;
  for (auto& s : now) {
    if (s.backup || is_free(layout, s)) continue;
    auto then = std::ranges::find(found, s.address, &Served::address);
    one(out, layout, s, then == found.end() ? nullptr : &*then);
    anyone |= out.weights[s.name] > 0 && s.up && !s.maint;
  }
  if (anyone || std::ranges::none_of(found, has_users)) return out;
  return fail(Code::refused, "HAProxy finds nobody up who had users before: all stays as it is");
}

Commands everything_to(const Layout& layout, const std::vector<Server>& now, const std::vector<std::string>& home) {
  Commands in, out;
  for (auto& s : now) {
    if (s.backup || is_free(layout, s)) continue;
    if (std::ranges::find(home, s.address) == home.end()) {
      out.push_back(state(layout.backend, s.name, "maint"));
      continue;
    }
    in.push_back(address(layout.backend, s.name, s.address));
    if (s.checked) in.push_back(fmt::format("enable health {}/{}", layout.backend, s.name));
    in.push_back(weigh(layout.backend, s.name, 256));
    in.push_back(state(layout.backend, s.name, "ready"));
  }
  if (in.empty()) return {};
  in.insert(in.end(), out.begin(), out.end());
  return in;
}

}  // namespace davy::providers::haproxy
