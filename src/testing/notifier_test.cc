// People are told of a run: nothing missed, nothing twice without saying so, whenever who tells them is killed.
#include "engine/notice/notifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/run/records.h"
#include "store/memory/memory.h"
#include "store/testing.h"
#include "testing/jumping_clock_testing.h"

namespace davy::testing {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Got {
  std::string id;
  bool again = false;
  std::string text;
};

struct Receivers : ports::Mail, ports::Hooks, ports::Sayings, ports::StatusPages {
  explicit Receivers(Moments& moments, JumpingClock& clock) : moments(moments), clock(clock) {}
  ports::Task<> send(ports::Letter letter) override {
    auto from = letter.message.find("Message-ID: <") + 13;
    auto id = letter.message.substr(from, letter.message.find('@', from) - from);
    co_return take(mails, mail_up_from, {id, letter.message.contains("Subject: again"), letter.message});
  }
  ports::Task<> post(ports::Post post) override {
    ++asked;
    if (refuses == post.id) co_return fail(Code::refused, "no");
    co_return take(posts, Time{}, {post.id, post.body.contains("\"again\":true"), post.body});
  }
  ports::Task<> say(ports::Saying) override { co_return Result<>(); }
  ports::Task<> put(ports::PageEntry) override { co_return Result<>(); }

  Result<> take(std::vector<Got>& box, Time up_from, Got got) {
    moments.pass();
    if (clock.t < up_from) return fail(down, "nobody answers");
    box.push_back(std::move(got));
    moments.pass();
    return {};
  }
  std::vector<std::string> posted() const {
    std::vector<std::string> out;
    for (auto& one : posts) out.push_back(one.id + (one.again ? " again" : ""));
    return out;
  }

  Moments& moments;
  JumpingClock& clock;
  std::vector<Got> mails, posts;
  Time mail_up_from{};
  Code down = Code::unavailable;
  std::string refuses;
  int asked = 0;
};

// Moments before and behind each move of a cursor.
struct MomentousCursors : ports::Cursors {
  MomentousCursors(ports::Cursors& real, Moments& moments) : real(real), moments(moments) {}
  ports::Task<std::int64_t> cursor(std::string reader, std::string stream) override {
    return real.cursor(std::move(reader), std::move(stream));
  }
  ports::Task<> advance(std::string reader, std::string stream, std::int64_t seq) override {
    moments.pass();
    auto done = co_await real.advance(std::move(reader), std::move(stream), seq);
    moments.pass();
    co_return done;
  }
  ports::Cursors& real;
  Moments& moments;
};

notices::Book told(std::map<std::string, notices::Person> people, std::vector<notices::Event> what) {
  notices::Book book{.people = std::move(people)};
  book.mail.from = "davy@example.com";
  for (auto event : what)
    for (auto& [name, person] : book.people) book.notices[notices::word(event)].to.push_back(name);
  return book;
}

struct TellingPeople : ::testing::Test {
  JumpingClock clock;
  Moments moments;
  Receivers receivers{moments, clock};
  std::unique_ptr<store::Memory> memory = std::make_unique<store::Memory>();
  notices::Book book;
  bool driven = true;
  std::string moved;
  std::function<std::string(const notices::Question&, const std::string&)> token;
  std::vector<std::string> log, given_up;
  std::int64_t last = 0;

  void begin(notices::Book to_tell) {
    book = std::move(to_tell);
    run::Runbook runbook{.environment = "production", .version = "2"};
    runbook.steps.resize(1);
    runbook.steps.front().call = {"person", "", "approve", spec::object({{"who", {}, spec::text("ana")}})};
    runbook.subjects = {{"app", {"2", "app@2"}, {"1", "app@1"}}};
    auto first = engine::record_of(run::Started{.runbook = runbook, .who = {.who = "ann"}}, 1, clock.t);
    ASSERT_TRUE(store::testing::ok(store::testing::wait(memory->create(store::testing::a_run("r1"), {first}))));
  }
  void happens(const run::Event& event, std::optional<ports::Close> close = {}) {
    auto info = store::testing::wait(memory->info("r1"));
    ASSERT_TRUE(info);
    auto record = engine::record_of(event, info->seq + 1, clock.t);
    ports::After after{.close = std::move(close)};
    ASSERT_TRUE(store::testing::ok(
        store::testing::wait(memory->append("r1", info->epoch, info->seq, {record}, std::move(after)))));
  }
  void ends(run::Ending how = run::Ending::done) {
    happens(run::Ended{how, "so it ended"}, ports::Close{"done", "so it ended"});
  }
  std::string masked(std::string text) {
    for (std::size_t at; (at = text.find("hunter2")) != text.npos;) text.replace(at, 7, "[PASSWORD]");
    return text;
  }

  // One life of who tells, until all is told, `enough` says so, or it is killed.
  void tell(const std::function<bool()>& enough = [] { return false; }) {
    auto context = std::make_unique<asio::io_context>(1);
    MomentousCursors cursors(*memory, moments);
    engine::NoticeWorld world{clock,
                              *memory,
                              cursors,
                              {receivers, receivers, receivers, receivers, "", "host"},
                              [this] { return driven; },
                              [this] { return moved; },
                              [this](const std::string& text) { return masked(text); },
                              [] {},
                              [this](const std::string& text) { log.push_back(text); },
                              [this](auto& id, auto& why) { given_up.push_back(id + ": " + why); }};
    world.token = token;
    engine::Notifier notifier(context->get_executor(), world, book, "r1");
    std::optional<Result<>> done;
    asio::co_spawn(*context, notifier.go(), [&](std::exception_ptr e, Result<> how) {
      if (e) std::rethrow_exception(e);
      done = how;
    });
    try {
      for (int turns = 0; !done && !enough() && turns < 2'000'000; ++turns) {
        context->restart();
        context->poll();
        if (!done) clock.jump();
      }
    } catch (const Killed&) {
    }
    clock.sleepers.clear();  // whose timers are the context's
    context.reset();         // all that went on is dropped, as when the process is killed
    if (done) EXPECT_TRUE(store::testing::ok(*done));
  }
};

const std::map<std::string, notices::Person> kAna{{"ana", {.email = "ana@example.com"}}};
const std::map<std::string, notices::Person> kTeam{{"team", {.webhook = "https://example.com"}}};
const std::map<std::string, notices::Person> kBoth{{"ana", {.email = "ana@example.com"}},
                                                   {"team", {.webhook = "https://example.com"}}};
using notices::Event;

// What others read is not for who has to answer: a token there is anybody's.
TEST_F(TellingPeople, WhoIsAskedGetsTheMeansToAnswerWhereNobodyElseReads) {
  token = [](auto& question, auto& person) { return person + ".token." + std::to_string(question.attempt); };
  begin(told({{"ana", {.webhook = "https://example.com", .grafana = "https://grafana.example.com"}}}, {}));
  happens(run::AttemptStarted{.id = 7, .step = 0, .due = clock.t + 1h});
  ends();
  tell();
  ASSERT_EQ(receivers.posts.size(), 2u);
  for (auto& post : receivers.posts)
    EXPECT_EQ(post.text.contains("davy answer ana.token.7"), post.id.ends_with(".webhook")) << post.text;
}

TEST_F(TellingPeople, EndsOnceTheRunHasEndedAndAllIsTold) {
  begin(told(kTeam, {Event::started, Event::held, Event::done}));
  happens(run::Held{.question = "what now?"});
  ends();
  tell();
  EXPECT_THAT(receivers.posted(), ElementsAre("r1.2.team.webhook", "r1.3.team.webhook", "r1.4.team.webhook"));
  EXPECT_THAT(receivers.posts[1].text, HasSubstr("what now?"));
  EXPECT_THAT(log, IsEmpty());
}

TEST_F(TellingPeople, ToldOnceIsNotToldByTheNextOne) {
  begin(told(kTeam, {Event::started, Event::done}));
  tell([&] { return receivers.posts.size() == 1 && clock.t > store::testing::at(5); });
  ends();
  tell();
  EXPECT_THAT(receivers.posted(), ElementsAre("r1.2.team.webhook", "r1.3.team.webhook"));
}

TEST_F(TellingPeople, KilledAtAnyMomentMissesNothingAndSaysAgainWhatItTellsTwice) {
  begin(told(kBoth, {Event::started, Event::held, Event::done}));
  happens(run::Held{.question = "what now?"});
  ends();
  tell();
  auto all = moments.seen;
  ASSERT_GE(all, 36) << "two boxes, three notices, six moments each";
  for (int deadly = 0; deadly < all; ++deadly) {
    SCOPED_TRACE(deadly);
    memory = std::make_unique<store::Memory>();
    receivers.mails.clear(), receivers.posts.clear();
    begin(told(kBoth, {Event::started, Event::held, Event::done}));
    happens(run::Held{.question = "what now?"});
    ends();
    moments = {.deadly = deadly};
    tell();
    moments = {};
    tell();
    for (auto* box : {&receivers.mails, &receivers.posts}) {
      std::set<std::string> ids;
      for (auto& got : *box) EXPECT_TRUE(ids.insert(got.id).second || got.again) << got.id;
      EXPECT_EQ(ids.size(), 3u);
    }
  }
}

TEST_F(TellingPeople, ADeadChannelKeepsNoOtherWaitingAndIsTriedUntilItAnswers) {
  begin(told(kBoth, {Event::started, Event::done}));
  receivers.mail_up_from = clock.t + 3h;
  ends();
  Time both_posted{};
  tell([&] {
    if (receivers.posts.size() == 2 && both_posted == Time{}) both_posted = clock.t;
    return false;
  });
  EXPECT_LT(both_posted, receivers.mail_up_from);
  ASSERT_EQ(receivers.mails.size(), 2u);
  EXPECT_THAT(receivers.mails[0].text, HasSubstr("r1.2.ana.email"));
  for (auto& mail : receivers.mails) EXPECT_FALSE(mail.again) << "nobody was there who could have it already";
}

TEST_F(TellingPeople, WhatMayHaveArrivedIsToldAgainWithThatWord) {
  begin(told(kAna, {Event::started, Event::done}));
  receivers.mail_up_from = clock.t + 3min;
  receivers.down = Code::timed_out;
  ends();
  tell();
  ASSERT_EQ(receivers.mails.size(), 2u);
  EXPECT_TRUE(receivers.mails[0].again);
  EXPECT_FALSE(receivers.mails[1].again);
}

TEST_F(TellingPeople, WhatIsRefusedAgainAndAgainIsGivenUpAndSaid) {
  begin(told(kTeam, {Event::started, Event::done}));
  receivers.refuses = "r1.2.team.webhook";
  ends();
  tell();
  EXPECT_THAT(receivers.posted(), ElementsAre("r1.3.team.webhook"));
  EXPECT_EQ(receivers.asked, engine::NoticeChannel::kMostRefusals + 1);
  EXPECT_THAT(given_up, ElementsAre("r1.2.team.webhook: no"));
}

TEST_F(TellingPeople, ADayAfterTheEndTheRestIsNamed) {
  begin(told(kAna, {Event::started}));
  receivers.mail_up_from = Time::max();
  ends();
  auto ended = clock.t;
  tell();
  EXPECT_THAT(receivers.mails, IsEmpty());
  EXPECT_GE(clock.t - ended, engine::NoticeChannel::kLongest);
  EXPECT_THAT(log, ::testing::Contains(HasSubstr("r1.2.ana.email was not told")));
}

TEST_F(TellingPeople, AHeldRunIsWaitedForHoweverLongWhileSomebodyDrivesIt) {
  begin(told(kTeam, {Event::started, Event::done}));
  auto began = clock.t;
  tell([&] { return clock.t > began + 30h; });
  ends();
  tell();
  EXPECT_THAT(receivers.posted(), ElementsAre("r1.2.team.webhook", "r1.3.team.webhook"));
}

TEST_F(TellingPeople, ThatNobodyDrivesTheRunIsToldWithoutAnEngineAndOnce) {
  begin(told(kTeam, {Event::page}));
  driven = false;
  moved = "its keeper moved users back";
  auto began = clock.t;
  tell([&] { return clock.t > began + 5min; });
  tell([&] { return clock.t > began + 10min; });
  EXPECT_THAT(receivers.posted(), ElementsAre("r1.2.team.webhook.alone"));
  EXPECT_THAT(receivers.posts[0].text, HasSubstr("nobody drives this run: its keeper moved users back"));
}

TEST_F(TellingPeople, ProgressIsToldEachTimeAndNotMadeUpForLater) {
  auto to_tell = told(kTeam, {Event::progress, Event::done});
  to_tell.notices["progress"].every = 10min;
  begin(to_tell);
  auto began = clock.t;
  tell([&] { return clock.t > began + 25min; });
  EXPECT_EQ(receivers.posts.size(), 2u);
  clock.t = began + 55min;
  tell([&] { return clock.t > began + 61min; });
  ASSERT_EQ(receivers.posts.size(), 3u) << "what was due while nobody told is no news";
  EXPECT_EQ(receivers.posts[2].id, "r1.2.team.webhook.progress6");
  ends();
  tell();
  EXPECT_EQ(receivers.posts.size(), 4u);
}

TEST_F(TellingPeople, ProgressKeepsNothingElseWaiting) {
  auto to_tell = told(kTeam, {Event::progress, Event::done});
  to_tell.notices["progress"].every = 10min;
  begin(to_tell);
  receivers.refuses = "r1.2.team.webhook.progress1";
  auto began = clock.t;
  tell([&] { return clock.t > began + 11min; });
  EXPECT_EQ(receivers.asked, 1) << "it is told once";
  ends();
  tell();
  EXPECT_THAT(receivers.posted(), ElementsAre("r1.3.team.webhook"));
  EXPECT_THAT(given_up, IsEmpty());
}

TEST_F(TellingPeople, AnEngineThatComesBackInTimeCallsNobody) {
  begin(told(kTeam, {Event::page, Event::done}));
  driven = false;
  auto began = clock.t;
  tell([&] {
    driven = clock.t > began + engine::Notifier::kAlone - 2s;
    return clock.t > began + 2min;
  });
  EXPECT_THAT(receivers.posts, IsEmpty());
}

TEST_F(TellingPeople, ASecretIsInNothingThatIsSent) {
  begin(told(kTeam, {Event::page, Event::done}));
  happens(run::VerdictGiven{.rule = "r", .then = run::Consequence::page, .sentence = "hunter2 leaked"});
  ends();
  tell();
  ASSERT_EQ(receivers.posts.size(), 2u);
  EXPECT_THAT(receivers.posts[0].text, HasSubstr("[PASSWORD] leaked"));
  EXPECT_FALSE(receivers.posts[0].text.contains("hunter2"));
}

}  // namespace
}  // namespace davy::testing
