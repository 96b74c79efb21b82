#include <fmt/format.h>

#include <algorithm>

#include "world/world.h"

namespace davy::bench {

std::vector<World> bad_worlds() {
  std::vector<World> out;
  for (double rate : {0.01, 0.05, 1.0, 10.0, 200.0, 2000.0, 5000.0})
    for (double share : {0.05, 0.5})
      for (double fails : {1.0, 0.2})
        for (bool known : {true, false})
          out.push_back({.name = fmt::format("{} req/s, {:.0f} %, fails {:.0f} %, clients {}", rate, 100 * share,
                                             100 * fails, known ? "known" : "unknown"),
                         .rate = rate,
                         .seconds = std::max(600.0, std::min(400 / (rate * share), 200'000.0)),
                         .shares = {share},
                         .fails = fails,
                         .known = known});
  for (double rate : {0.05, 1.0, 10.0, 200.0, 2000.0})
    for (double fails : {1.0, 0.2})
      for (bool at_once : {true, false})
        for (bool known : {true, false}) {
          double phase = std::max(600.0, std::min(400 / rate, 20'000.0));
          out.push_back(
              {.name = fmt::format("all the users {}, {} req/s, then fails {:.0f} %, clients {}",
                                   at_once ? "at once" : "after 25 %", rate, 100 * fails, known ? "known" : "unknown"),
               .rate = rate,
               .seconds = at_once ? phase : 2 * phase,
               .shares = at_once ? std::vector{1.0} : std::vector{0.25, 1.0},
               .fails = fails,
               .from = at_once ? 0 : phase,
               .known = known});
        }
  for (int people : {10, 50, 200, 2000})
    for (double share : {0.05, 0.5})
      for (double fails : {1.0, 0.2})
        for (bool sticky : {false, true})
          out.push_back({.name = fmt::format("{} clients {}, {:.0f} %, fails {:.0f} %", people,
                                             sticky ? "who stay" : "anywhere", 100 * share, 100 * fails),
                         .rate = 2000,
                         .shares = {share},
                         .fails = fails,
                         .people = people,
                         .sticky = sticky});
  for (double rate : {10.0, 200.0})
    for (double share : {0.05, 0.5}) {
      auto add = [&](std::string what, World one) {
        one.name = fmt::format("{} req/s, {:.0f} %, {}", rate, 100 * share, what);
        one.rate = rate, one.shares = {share};
        one.seconds = std::max(one.seconds, std::min(400 / (rate * share), 3600.0));
        out.push_back(std::move(one));
      };
      for (double fails : {1.0, 0.2})
        add(fmt::format("{:.0f} % hang for 30 s", 100 * fails), {.seconds = 1200, .fails = fails, .hangs = 30});
      add("clients give up after 10 s", {.seconds = 1200, .fails = 1, .hangs = 10, .gives_up = true});
      add("a path of its own, 30 %, fails", {.own_path = 0.3});
      add("refuses everything", {.refuses = 1});
      add("down for 5 s in each minute", {.seconds = 3600, .down_gap = 60});
    }
  out.push_back({.name = "2,000 req/s, 5 %, fails 2 %", .rate = 2000, .fails = 0.02});
  out.push_back(
      {.name = "2,000 req/s, 5 %, fails 20 % after 20 min", .rate = 2000, .seconds = 1800, .fails = 0.2, .from = 1200});
  for (double rate : {10.0, 200.0, 2000.0})
    for (double fails : {1.0, 0.2, 0.02})
      out.push_back({.name = fmt::format("{} req/s, 25 %, fails {:.0f} % after 10 min", rate, 100 * fails),
                     .rate = rate,
                     .seconds = 3600,
                     .shares = {0.25},
                     .fails = fails,
                     .from = 600});
  out.push_back({.name = "200 req/s, 25 %, 25 % asked, 5 % came", .shares = {0.25}, .realised = 0.2});
  for (double rate : {200.0, 5000.0})
    out.push_back({.name = fmt::format("{} req/s, 0.1 %, fails everything", rate),
                   .rate = rate,
                   .seconds = 1800,
                   .shares = {0.001},
                   .fails = 1});
  for (auto& world : out) world.hurried = true, world.window = world.rate < 1 ? 1 : world.window;
  return out;
}

}  // namespace davy::bench
