#include "providers/router/haproxy_return.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

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

using Names = std::vector<std::string>;

// Rows of `show servers state`: be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight …, of
// servers that have a weight and are neither in maintenance nor draining (4: the configuration wanted maintenance, and
// somebody made it ready since).
std::string rows_of(std::string_view backend, const Names& names, std::string_view op_state) {
  std::string any;
  for (auto& name : names) any += (any.empty() ? "" : "|") + regex_escaped(name);
  return fmt::format("^[0-9]+ {} [0-9]+ ({}) [^ ]+ {} [04] [1-9][0-9]* ", regex_escaped(backend), any, op_state);
}

Commands taken_in(const Layout& layout, const Server& s) {
  Commands out{address(layout.backend, s.name, s.address)};
  if (s.checked) out.push_back(fmt::format("enable health {}/{}", layout.backend, s.name));
  out.push_back(weigh(layout.backend, s.name, 256));
  out.push_back(state(layout.backend, s.name, "ready"));
  return out;
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

Home everything_to(const Layout& layout, const std::vector<Server>& now, const std::vector<std::string>& home) {
  auto is_home = [&](const Server& s) {
    return !s.backup && !is_free(layout, s) && std::ranges::find(home, s.address) != home.end();
  };
  auto is_out = [](const Server& s) { return s.maint || s.drain; };
  bool all_out = std::ranges::all_of(now, [&](auto& s) { return !is_home(s) || is_out(s); });
  Commands in, out;
  Names ours, others;
  for (auto& s : now) {
    if (s.backup) continue;
    if (!is_home(s)) {
      others.push_back(s.name);  // a slot that is free may be another's by then
      if (!is_free(layout, s)) out.push_back(state(layout.backend, s.name, "maint"));
    } else if (all_out || !is_out(s)) {
      ours.push_back(s.name);
      std::ranges::move(taken_in(layout, s), std::back_inserter(in));
    }
  }
  if (in.empty()) return {};
  return {std::move(in), std::move(out), "show servers state " + layout.backend, rows_of(layout.backend, ours, "[1-9]"),
          others.empty() ? "" : rows_of(layout.backend, others, "[0-9]")};
}

}  // namespace davy::providers::haproxy
