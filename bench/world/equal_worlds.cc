#include <fmt/format.h>

#include <functional>
#include <utility>

#include "world/world.h"

namespace davy::bench {
namespace {

// Nobody is left at the previous release, from the start or after a phase beside it.
void all_the_users(const std::function<void(World)>& add) {
  for (double rate : {0.2, 20.0, 2000.0})
    for (bool at_once : {true, false})
      add({.name = fmt::format("all the users {}, {} req/s, 1 %, 90 % swing", at_once ? "at once" : "after 25 %", rate),
           .rate = rate,
           .seconds = 1800,
           .shares = at_once ? std::vector{1.0} : std::vector{0.25, 1.0},
           .base = 0.01,
           .swing = 0.9});
  for (double length : {2.0, 10.0, 25.0})
    for (double rate : {2.0, 200.0})
      add({.name = fmt::format("all the users, {} req/s, a database away for {} s each 10 min", rate, length),
           .rate = rate,
           .seconds = 3600,
           .shares = {0.25, 1},
           .outage_gap = 600,
           .outage_length = length});
  add({.name = "all the users, hiccups of 1 s, 20 % fail, each 10 min",
       .rate = 2000,
       .seconds = 3600,
       .shares = {0.25, 1},
       .base = 0.0005,
       .gap = 600});
  for (double rate : {2.0, 20.0})
    add({.name = fmt::format("all the users, {} req/s, clients unknown, bursts of 20 in 30 s", rate),
         .rate = rate,
         .seconds = 7200,
         .shares = {0.25, 1},
         .base = 0.01,
         .burst = 20,
         .spread = 30,
         .known = false});
  for (double rate : {0.0, 2.0})
    add({.name = fmt::format("all the users, 10 broken clients who stay beside {} req/s", rate),
         .rate = rate,
         .seconds = 1800,
         .shares = {0.25, 1},
         .broken = 10,
         .sticky = true});
}

// How many people make the traffic, and whether a hash, a cookie or nothing keeps them where they are.
void crowds(const std::function<void(World)>& add) {
  for (int people : {1, 10, 100, 30'000, 1'000'000})
    add({.name = fmt::format("{} uneven clients, anywhere", people), .base = 0.005, .people = people});
  for (int people : {30, 30'000, 1'000'000})
    add({.name = fmt::format("{} uneven clients, by hash, 5, 25, 10 %", people),
         .shares = {0.05, 0.25, 0.1},
         .base = 0.005,
         .people = people,
         .sticky = true});
  for (int people : {30, 1000, 30'000}) {
    add({.name = fmt::format("{} uneven clients and 30 pollers who stay, 5, 25, 10 %", people),
         .rate = 20,
         .seconds = 1800,
         .shares = {0.05, 0.25, 0.1},
         .people = people,
         .pollers = 30});
    add({.name = fmt::format("{} uneven clients, by cookie, 5, 25, 10 %", people),
         .shares = {0.05, 0.25, 0.1},
         .base = 0.005,
         .people = people,
         .cookie = true});
  }
}

// What lasts for days, and what several services have together.
void long_and_wide(const std::function<void(World)>& add) {
  add({.name = "20 req/s, a day, load and errors swing with it",
       .rate = 20,
       .seconds = 86'400,
       .shares = {0.05, 0.25, 0.5},
       .base = 0.005,
       .day = 0.8,
       .window = 1});
  add({.name = "0.5 req/s, three days",
       .rate = 0.5,
       .seconds = 3 * 86'400,
       .shares = {0.25},
       .base = 0.01,
       .window = 5});
  add({.name = "a shared database slow for 5 s each 60 s, the share goes 5, 25, 50, 10 %",
       .rate = 200,
       .seconds = 1200,
       .shares = {0.05, 0.25, 0.5, 0.1},
       .outage_gap = 55,
       .outage_fails = 0.02,
       .outage_slow = 0.5,
       .latencies = true});
  for (int services : {3, 8})
    add({.name = fmt::format("{} services, 1 % fail, 90 % swing, 5, 50 %", services),
         .shares = {0.05, 0.5},
         .base = 0.01,
         .swing = 0.9,
         .services = services});
  add({.name = "3 services, hiccups of 1 s, 20 % fail, each 10 min",
       .seconds = 1800,
       .shares = {0.25},
       .gap = 600,
       .services = 3});
  add({.name = "hiccups of 0.1 s, all fail, each 2 min, half each",
       .rate = 2000,
       .seconds = 1800,
       .shares = {0.5},
       .base = 0.0005,
       .gap = 120,
       .length = 0.1,
       .lost = 1});
}

}  // namespace

std::vector<World> equal_worlds() {
  std::vector<World> out;
  auto add = [&](World w) { out.push_back(std::move(w)); };
  for (double rate : {0.2, 2.0, 20.0, 200.0, 2000.0})
    add({.name = fmt::format("{} req/s, at random, 1 % fail, 90 % swing", rate),
         .rate = rate,
         .shares = {0.05, 0.25, 0.5},
         .base = 0.01,
         .swing = 0.9});
  add({.name = "2,000 req/s, 1 %, steps up and down", .rate = 2000, .shares = {0.01, 0.5, 0.05, 0.25}, .swing = 0.9});
  for (int broken : {1, 3, 10})
    for (double share : {0.05, 0.5})
      add({.name = fmt::format("{} broken clients, sticky, {}", broken, share),
           .shares = {share},
           .base = 0.0002,
           .broken = broken,
           .sticky = true});
  for (double share : {0.05, 0.25})
    add({.name = fmt::format("1,000 uneven clients, sticky, {}", share),
         .shares = {share},
         .base = 0.005,
         .people = 1000,
         .sticky = true});
  for (auto [burst, spread] : {std::pair{5.0, 2.0}, {20.0, 2.0}, {20.0, 30.0}, {100.0, 30.0}})
    add({.name = fmt::format("clients unknown, bursts of {} in {} s, errors and 4xx", burst, spread),
         .rate = 2000,
         .burst = burst,
         .spread = spread,
         .known = false});
  add({.name = "hiccups of 1 s, 20 % fail, hourly", .rate = 2000, .seconds = 3600, .base = 0.0005, .gap = 3600});
  add({.name = "hiccups of 1 s, 20 % fail, each 10 min", .rate = 2000, .seconds = 3600, .base = 0.0005, .gap = 600});
  add({.name = "hiccups of 1 s, 20 % fail, each 100 s", .rate = 2000, .seconds = 1200, .base = 0.0005, .gap = 100});
  add({.name = "hiccups of 3 s, half fail, each 10 min, 200 req/s, 25 %",
       .seconds = 3600,
       .shares = {0.25},
       .gap = 600,
       .length = 3,
       .lost = 0.5});
  add({.name = "hiccups of 0.3 s, all fail, each 5 min, half each",
       .rate = 2000,
       .seconds = 1800,
       .shares = {0.5},
       .base = 0.0005,
       .gap = 300,
       .length = 0.3,
       .lost = 1});
  add({.name = "windows that end early: hiccups of 1 s, 20 % fail, each 10 min",
       .rate = 2000,
       .seconds = 3600,
       .base = 0.0005,
       .gap = 600,
       .hurried = true});
  add({.name = "windows that end early: 2,000 req/s, 2 % fail, 90 % swing",
       .rate = 2000,
       .shares = {0.05, 0.5, 0.05, 0.25},
       .base = 0.02,
       .swing = 0.9,
       .hurried = true});
  add({.name = "hiccups, 1 instance against 4",
       .rate = 2000,
       .seconds = 3600,
       .shares = {0.25},
       .base = 0.0005,
       .gap = 3600,
       .other_instances = 4});
  add({.name = "cold start: 1 % fail for 2 s", .rate = 2000, .shares = {0.25}, .cold = 2, .cold_fails = 0.01});
  add({.name = "cold start: 3 x as many slow for 25 s",
       .rate = 2000,
       .shares = {0.25},
       .cold = 25,
       .slower = 3,
       .latencies = true});
  for (double lag : {1.0, 5.0, 30.0})
    add({.name = fmt::format("time-outs of {} s, 50 % to 5 %", lag),
         .rate = 2000,
         .seconds = 240,
         .shares = {0.5, 0.05},
         .lag = lag});
  for (auto [rate, share, own] : {std::tuple{200.0, 0.05, 0.075}, {200.0, 0.25, 0.2}, {2000.0, 0.25, 0.2}})
    for (bool paths : {true, false})
      add({.name = fmt::format("another mix: {} % against 5 % to one endpoint, {} req/s, {}{}", 100 * own, rate, share,
                               paths ? "" : ", no paths"),
           .rate = rate,
           .shares = {share},
           .base = 0.0005,
           .heavy_own = own,
           .heavy_other = 0.05,
           .paths = paths});
  for (bool paths : {true, false})
    add({.name = fmt::format("another mix: 20 % against 5 % to a slow endpoint, 200 req/s, 0.25{}",
                             paths ? "" : ", no paths"),
         .shares = {0.25},
         .heavy_own = 0.2,
         .heavy_other = 0.05,
         .paths = paths,
         .latencies = true});
  add({.name = "5,000 req/s, shares of 0.1, 1 and 50 %", .rate = 5000, .shares = {0.001, 0.01, 0.5}, .swing = 0.9});
  add({.name = "0.01 req/s, a day at 25 %", .rate = 0.01, .seconds = 86'400, .shares = {0.25}, .base = 0.01});
  add({.name = "20 req/s, a day of looks, 90 % swing",
       .rate = 20,
       .seconds = 86'400,
       .base = 0.01,
       .swing = 0.9,
       .window = 1});
  for (auto [burst, spread] : {std::pair{20.0, 0.1}, {100.0, 600.0}})
    add({.name = fmt::format("clients unknown, bursts of {} in {} s, errors and 4xx", burst, spread),
         .rate = 2000,
         .seconds = 1800,
         .burst = burst,
         .spread = spread,
         .known = false});
  for (double rate : {20.0, 200.0})
    for (double share : {0.05, 0.5})
      add({.name = fmt::format("clients unknown, bursts of 100 in 600 s, {} req/s, {}", rate, share),
           .rate = rate,
           .seconds = 1800,
           .shares = {share},
           .burst = 100,
           .spread = 600,
           .known = false});
  add({.name = "clients unknown, bursts of 100 in 600 s, half each",
       .rate = 2000,
       .seconds = 1800,
       .shares = {0.5},
       .burst = 100,
       .spread = 600,
       .known = false});
  add({.name = "clients unknown, bursts of 40 in 120 s",
       .rate = 2000,
       .seconds = 1800,
       .burst = 40,
       .spread = 120,
       .known = false});
  add({.name = "clients unknown, bursts of 200 in 1,200 s, an hour",
       .rate = 2000,
       .seconds = 3600,
       .burst = 200,
       .spread = 1200,
       .known = false});
  add({.name = "a database away for 5 s each 100 s while the share goes 5, 25, 50 %",
       .rate = 200,
       .shares = {0.05, 0.25, 0.5},
       .outage_gap = 95,
       .latencies = true});
  all_the_users(add);
  crowds(add);
  long_and_wide(add);
  add({.name = "5 % worse, 0.1 %, 25 %, an hour", .rate = 2000, .seconds = 3600, .shares = {0.25}, .fails = 0.00005});
  for (auto& world : out)
    if (world.rate < 1 && world.broken == 0) world.window = 1;
  return out;
}

}  // namespace davy::bench
