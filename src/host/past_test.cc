#include "host/past.h"

#include <gtest/gtest.h>

#include "engine/run/records.h"
#include "notices/notice.h"
#include "providers/testing/world.h"
#include "store/memory/memory.h"

namespace davy::host {
namespace {

using namespace std::chrono_literals;
using providers::testing::run;
using providers::testing::TempDir;

const Time kBegin{std::chrono::seconds(1795942800)};

struct PastTest : ::testing::Test {
  store::Memory store;
  TempDir folder;
  Past past{store, folder.path};
  int days = 0;

  // A run of one day, with a step that tells "announcement"; takes_back: the run that it takes back.
  void ran(const std::string& id, const std::string& version, const std::string& ending,
           const std::string& takes_back = {}) {
    auto at = kBegin + 24h * ++days;
    davy::run::Runbook book{.environment = "staging", .version = version};
    book.subjects = {{"web", {version, "web@" + version}, {}}};
    davy::run::Step tells{.path = "notify announcement"};
    tells.call = {"notice", "", "tell", spec::object({{"name", {}, spec::text("announcement")}})};
    book.steps = {tells};
    notices::Book people{.people = {{"ana", {.email = "ana@example.com"}}},
                         .notices = {{"announcement", {.to = {"ana"}}}, {"done", {.to = {"ana"}}}}};
    book.notices = notices::to_value(people);
    using davy::run::AttemptEnded, davy::run::AttemptStarted, davy::run::Ended, davy::run::Started;
    std::vector<davy::run::Event> events{
        Started{.runbook = book, .takes_back = takes_back}, AttemptStarted{.id = 1, .step = 0}, AttemptEnded{.id = 1},
        Ended{.how = *spec::decoded<davy::run::Ending>(spec::text(ending), "ending"), .sentence = "over"}};
    std::vector<ports::Record> records;
    for (auto& e : events)
      records.push_back(engine::record_of(e, std::ssize(records) + 2, at));  // the first is the store's
    ports::RunInfo info{.id = id, .services = {"web"}, .environment = "staging", .version = version, .started = at};
    ASSERT_TRUE(run(store.create(info, {records.front()})));
    auto appended = run(store.append(id, 0, 2, {records.begin() + 1, records.end()},
                                     {.close = ports::Close{.ending = ending, .sentence = "over"}}));
    ASSERT_TRUE(appended) << appended.error().message;
  }
  std::string serves() {
    auto out = run(past.deployed("web", "staging"));
    EXPECT_TRUE(out) << out.error().message;
    return out && *out ? (*out)->version + " by " + (*out)->run : "nothing";
  }
};

TEST_F(PastTest, TheNewestThatWasDoneIsThere) {
  EXPECT_EQ(serves(), "nothing");
  ran("r1", "1", "done"), ran("r2", "2", "done"), ran("r3", "3", "rolled back"), ran("r4", "4", "refused");
  EXPECT_EQ(serves(), "2 by r2");
  EXPECT_FALSE(*run(past.deployed("web", "production")));
  EXPECT_FALSE(*run(past.deployed("api", "staging")));
}

TEST_F(PastTest, WhereSomebodyLeftARunNobodyKnowsWhatServes) {
  ran("r1", "1", "done"), ran("r2", "2", "abandoned");
  auto out = run(past.deployed("web", "staging"));
  ASSERT_FALSE(out);
  EXPECT_TRUE(out.error().message.contains("run r2 of 2 was left: abandoned")) << out.error().message;
}

TEST_F(PastTest, WhatWasTakenBackSinceIsNot) {
  ran("r1", "1", "done"), ran("r2", "2", "done"), ran("r3", "2", "rolled back", "r2");
  EXPECT_EQ(serves(), "1 by r1");
}

TEST_F(PastTest, OpenRunsMayGoBackAndTheLastTwoThatWereDone) {
  ran("r1", "1", "done"), ran("r2", "2", "done"), ran("r3", "3", "rolled back"), ran("r4", "4", "done");
  ports::RunInfo held{.id = "r5", .services = {"api"}, .environment = "staging", .version = "5", .started = kBegin};
  ASSERT_TRUE(run(store.create(held, {engine::record_of(davy::run::Started{}, 2, kBegin)})));
  auto out = run(past.may_go_back());
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_EQ(*out, (std::set<std::string>{"r2", "r4", "r5"}));
}

TEST_F(PastTest, WhoWasToldIsWhoTookIt) {
  ran("r1", "1", "done");
  auto told = [&](const char* name, const char* version) {
    return *run(past.notified(name, "web", "staging", version));
  };
  EXPECT_FALSE(told("announcement", "2")) << "this version's announcement is meant";
  ASSERT_TRUE(told("announcement", "1"));
  EXPECT_EQ(told("announcement", "1")->to, 1);
  EXPECT_EQ(told("announcement", "1")->reached, 0);
  auto reader = notices::Channel{"ana", notices::Way::email}.reader("told");
  ASSERT_TRUE(run(store.advance(reader, "r1", 4)));
  EXPECT_EQ(told("announcement", "1")->reached, 1);
  std::filesystem::create_directories(folder.path + "/runs/r1");
  std::ofstream(folder.path + "/runs/r1/notices.refused") << "r1.4.ana.email\t550 no such user\n";
  EXPECT_EQ(told("announcement", "1")->reached, 0) << "what was refused and given up reached nobody";
  ASSERT_TRUE(told("done", "2")) << "of an event any version will do";
  EXPECT_EQ(told("done", "2")->reached, 0);
}

}  // namespace
}  // namespace davy::host
