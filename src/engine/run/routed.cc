#include "engine/run/routed.h"

#include <algorithm>

#include "engine/run/records.h"

namespace davy::spec {
template <>
inline constexpr auto kFields<ports::Served> =
    std::tuple{required("server", &ports::Served::server, "its name in the router"),
               optional("label", &ports::Served::label, "what logs call it"),
               optional("address", &ports::Served::address, "host:port"),
               optional("release", &ports::Served::release, "whose it is"),
               optional("weight", &ports::Served::weight, "its weight"),
               optional("state", &ports::Served::state, "ready, drain or maint"),
               optional("up", &ports::Served::up, "by the router's own check"),
               optional("sessions", &ports::Served::sessions, "open sessions")};
}  // namespace davy::spec

namespace davy::engine {
namespace {

constexpr int kEqual = 256;  // a weight that all servers of a release have

bool is_by_router(const run::Step& step, run::Way way) {
  return (way == run::Way::undo ? step.undo.call : step.call).port == "router";
}

}  // namespace

spec::Value evidence_of(const Routed& table) { return spec::from_json(spec::encode(table)); }

Result<Routed> routed_of(const spec::Value& evidence) {
  return spec::decoded<Routed>(evidence, "what a router showed");
}

std::map<std::string, Routed> left_behind(const run::Runbook& book, const std::vector<ports::Record>& records) {
  std::map<std::string, Routed> out;
  std::map<run::AttemptId, std::string> by_router;  // attempts, and the service that each is about
  for (auto& record : records) {
    if (ports::written_by_the_store(record)) continue;
    auto event = event_of(record);
    if (!event) continue;  // replay() says so
    if (auto* began = std::get_if<run::AttemptStarted>(&*event)) {
      auto& step = book.steps.at(static_cast<std::size_t>(began->step));
      if (is_by_router(step, began->way))
        by_router[began->id] = book.subjects.at(static_cast<std::size_t>(step.subject)).service;
    } else if (auto* ended = std::get_if<run::AttemptEnded>(&*event); ended && by_router.contains(ended->id)) {
      if (ended->evidence.null()) continue;  // it failed, and saw nothing
      if (auto table = routed_of(ended->evidence)) out[by_router[ended->id]] = *std::move(table);
    }
  }
  return out;
}

bool users_with_nobody(const Routed& now) {
  return std::ranges::none_of(now, [](auto& one) { return one.weight > 0 && one.state != "maint"; });
}

Routed living(const std::vector<ports::Endpoint>& endpoints, const std::string& release) {
  Routed out;
  for (auto& e : endpoints)
    if (e.release == release && e.alive && !e.address.empty())
      out.push_back({.address = e.address, .release = release, .weight = kEqual, .state = "ready", .up = true});
  return out;
}

Routed before_any_step(const Routed& now, const std::vector<ports::Endpoint>& endpoints, const std::string& serves) {
  return users_with_nobody(now) ? living(endpoints, serves) : Routed{};
}

bool forgotten(const Routed& left, const Routed& now) {
  return std::ranges::any_of(left, [&](auto& one) {
    bool had_users = one.weight > 0 && one.state != "maint";
    return had_users && std::ranges::find(now, one.address, &ports::Served::address) == now.end();
  });
}

Routed where_they_are_now(Routed table, const std::vector<ports::Endpoint>& endpoints) {
  auto lives = [&](const ports::Served& one) {
    return std::ranges::any_of(endpoints, [&](auto& e) { return e.alive && e.address == one.address; });
  };
  auto anew = endpoints;
  std::erase_if(anew, [&](auto& e) {
    return !e.alive || e.address.empty() || std::ranges::find(table, e.address, &ports::Served::address) != table.end();
  });
  for (auto& one : table) {
    auto it = lives(one) ? anew.end() : std::ranges::find(anew, one.release, &ports::Endpoint::release);
    if (it == anew.end()) continue;
    one.address = it->address, one.server.clear(), one.label.clear();
    anew.erase(it);
  }
  return table;
}

bool differs(const Routed& left, const Routed& now) {
  auto same = [](const ports::Served& a, const ports::Served& b) { return a.weight == b.weight && a.state == b.state; };
  auto is_there = [&](const Routed& all, const ports::Served& one) {
    auto it = std::ranges::find(all, one.address, &ports::Served::address);
    return it == all.end() ? one.weight == 0 : same(*it, one);
  };
  return !std::ranges::all_of(left, [&](auto& one) { return is_there(now, one); }) ||
         !std::ranges::all_of(now, [&](auto& one) { return is_there(left, one); });
}

bool has_users(const Routed& served, const std::string& release) {
  return std::ranges::any_of(
      served, [&](auto& one) { return one.release == release && one.weight > 0 && one.state != "maint"; });
}

bool all_have_users(const Routed& served, const std::string& release) {
  return std::ranges::all_of(
      served, [&](auto& one) { return one.release != release || (one.weight > 0 && one.state == "ready"); });
}

double share_of(const Routed& served, const std::string& release) {
  double all = 0, mine = 0;
  for (auto& one : served)
    if (one.state != "maint") all += one.weight, mine += one.release == release ? one.weight : 0;
  return all > 0 ? mine / all : 0;
}

Routed everybody_with(const Routed& now, const std::string& release) {
  Routed out;
  for (auto& one : now)
    if (one.release == release) {
      auto& server = out.emplace_back(one);
      server.state = "ready", server.weight = kEqual;
    }
  return out;
}

}  // namespace davy::engine
