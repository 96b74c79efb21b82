#include "control/usual.h"

#include <gtest/gtest.h>

#include "providers/testing/world.h"
#include "store/memory/memory.h"

namespace davy::control {
namespace {

using namespace std::chrono_literals;

run::Runbook book() {
  run::Runbook out{.environment = "production", .version = "2"};
  out.subjects = {{"web", {"2", "web@2"}, {"1", "web@1"}}};
  for (auto [path, port] :
       {std::pair{"rollout/run", "command"}, {"rollout/bake", "bake"}, {"rollout/new", "command"}}) {
    run::Step step{.path = path};
    step.call.port = port;
    out.steps.push_back(step);
  }
  out.steps[1].expected = 10min;
  return out;
}

struct Usual : ::testing::Test {
  providers::testing::TempDir folder;
  store::Memory* store = nullptr;
  std::unique_ptr<Runs> runs = [this] {
    auto made = std::make_unique<store::Memory>();
    store = made.get();
    return std::make_unique<Runs>(host::StateDir{folder.path}, std::move(made));
  }();
  int count = 0;

  // Its first step took so long, its bake twice that.
  void ran(Duration took, const std::string& ending = "done") {
    Time at{std::chrono::seconds(1795942800) + 1h * ++count};
    using run::AttemptEnded, run::AttemptStarted;
    auto id = "r" + std::to_string(count);
    std::vector<std::pair<run::Event, Time>> events{{run::Started{.runbook = book()}, at},
                                                    {AttemptStarted{.id = 1, .step = 0}, at},
                                                    {AttemptEnded{.id = 1}, at + took},
                                                    {AttemptStarted{.id = 2, .step = 1}, at + took},
                                                    {AttemptEnded{.id = 2}, at + 3 * took}};
    std::vector<ports::Record> records;
    for (auto& [event, when] : events) records.push_back(engine::record_of(event, std::ssize(records) + 2, when));
    ports::RunInfo info{.id = id, .services = {"web"}, .environment = "production", .version = "2", .started = at};
    ASSERT_TRUE(runs->wait(store->create(info, {records.front()})));
    ASSERT_TRUE(runs->wait(store->append(id, 0, 2, {records.begin() + 1, records.end()},
                                         {.close = ports::Close{.ending = ending, .sentence = "over"}})));
  }
};

TEST_F(Usual, IsTheMedianOfTheLastFiveThatWereDone) {
  auto fresh = book();
  learn_what_is_usual(*runs, fresh);
  EXPECT_EQ(fresh.learned_from, 0);
  EXPECT_EQ(fresh.expected(), 10min);
  ran(9h);  // the sixth last
  for (auto took : std::initializer_list<Duration>{1s, 40s, 30s, 50s, 1h}) ran(took);
  ran(5h, "rolled back");
  auto learned = book();
  learn_what_is_usual(*runs, learned);
  EXPECT_EQ(learned.learned_from, 5);
  EXPECT_EQ(learned.steps[0].expected, 40s);
  EXPECT_EQ(learned.steps[1].expected, 10min) << "a bake takes what the plan says";
  EXPECT_EQ(learned.steps[2].expected, 0s) << "nobody has carried it out";
}

}  // namespace
}  // namespace davy::control
