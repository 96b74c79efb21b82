// Stories: a run goes on, and who is told what.
#include "notices/notice.h"

#include "notices/bodies.h"
#include "notices/text.h"
#include "notices/turns.h"
#include "run/run_testing.h"

namespace davy::notices {
namespace {

using namespace std::chrono_literals;
using run::Outcome;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Book everybody_told_everything() {
  Book book{.people = {{"ana", {.email = "ana@example.com"}}}};
  for (auto what : {Event::started, Event::phase, Event::asked, Event::held, Event::done, Event::rolled_back,
                    Event::page, Event::warn, Event::note})
    book.notices[word(what)] = {.to = {"ana"}};
  return book;
}

struct Story : run::CanaryRun {
  // What is told of all that happened, in short, as "done: …".
  std::vector<std::string> told() {
    Listener listener("r1");
    std::vector<std::string> out;
    for (auto& e : events_)
      if (auto news = listener.hear(e, at += 1min)) {
        newest = *news;
        out.push_back(word(news->what));
      }
    return out;
  }
  std::string reason() { return newest.values["reason"]; }
  Time at = Time{} + 24h * 365;
  News newest;
};

TEST_F(Story, OfAGoodRunTellsItsBeginningItsPhasesAndItsEnd) {
  begin_canary();
  all_well_until("");
  EXPECT_THAT(told(), ElementsAre("started", "phase", "phase", "phase", "done"));
  EXPECT_THAT(reason(), HasSubstr("app 2 serves"));
}

TEST_F(Story, TellsOfACheckThatIsWellAndDegraded) {
  begin_canary();
  go();
  auto first = state_.open.front().id;
  auto check = spec::object({{"state", {}, spec::text("degraded")}});
  apply(run::AttemptEnded{.id = first,
                          .says = "degraded: free is 15 GB (free < 20 GB)",
                          .evidence = spec::object({{"check", {}, std::move(check)}})});
  EXPECT_THAT(told(), ElementsAre("started", "warn"));
  EXPECT_THAT(reason(), HasSubstr(" is degraded: free is 15 GB (free < 20 GB)"));
}

TEST_F(Story, WhoIsAskedIsToldWhateverElseIsToldToWhom) {
  auto approve = run::step("before/Budget", 0);
  approve.call = {"person", "", "approve", spec::object({{"who", {}, spec::text("on-call")}})};
  begin({approve, run::step("a", 1)});
  go();
  EXPECT_THAT(told(), ElementsAre("started", "asked"));
  EXPECT_THAT(reason(), HasSubstr("approval of before/Budget by on-call, until "));
  ASSERT_TRUE(newest.question);
  EXPECT_EQ(newest.question->attempt, state_.open.front().id);
  EXPECT_EQ(newest.question->until, state_.open.front().due);
  Book book{.people = {{"ana", {.email = "ana@example.com"}},
                       {"bo", {.email = "bo@example.com"}},
                       {"cy", {.email = "cy@example.com"}},
                       {"on-call", {.turns = {"ana", "bo"}, .every = Each::day, .from = "1970-01-01"}}},
            .notices = {{"asked", {.to = {"cy"}, .text = "look: ${reason}"}}}};
  auto to = [&](const char* who) { return notice_for(book, {who, Way::email}, newest, "r1", 3, Time{} + 24h); };
  ASSERT_TRUE(to("bo")) << "the second day is the turn of the second";
  EXPECT_FALSE(to("ana"));
  ASSERT_TRUE(to("cy")) << "the plan tells others, too";
  EXPECT_FALSE(to("cy")->question) << "who is not asked gets nothing to answer with";
  auto with = answerable(*to("bo"), "TOKEN");
  EXPECT_THAT(with.text, testing::EndsWith("davy answer TOKEN"));
  EXPECT_EQ(with.values["answer"], "TOKEN");
  EXPECT_EQ(answerable(*to("bo"), "").text, to("bo")->text);
}

TEST_F(Story, TellsWhatAStepOfThePlanSends) {
  auto sends = run::step("notify announcement", 0);
  sends.call = {"notice", "", "tell", spec::object({{"name", {}, spec::text("announcement")}})};
  begin({sends, run::step("a", 1)});
  go();
  end();
  EXPECT_THAT(told(), testing::Contains("note"));
  Book book{.people = {{"ana", {.email = "ana@example.com"}}},
            .notices = {{"announcement", {.to = {"ana"}, .text = "${version} comes at noon"}}, {"note", {.to = {}}}}};
  News news;
  Listener listener("r1");
  for (auto& e : events_)
    if (auto one = listener.hear(e, at += 1min); one && !one->own.empty()) news = *one;
  auto notice = notice_for(book, {"ana", Way::email}, news, "r1", 3, at);
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->text, "2 comes at noon");
  EXPECT_EQ(notice->name(), "announcement");
  EXPECT_THAT(notice->subject, HasSubstr("announcement"));
}

TEST_F(Story, NamesThePhaseThatPassed) {
  begin_canary();
  all_well_until("25%/traffic");
  told();
  EXPECT_EQ(newest.values["phase"], "5%");
  EXPECT_EQ(subject_of(newest), "app 2 in production: phase 5% passed");
}

TEST_F(Story, OfABadReleaseTellsThatItWasTakenBackOnceAllIsUndone) {
  begin_canary(run::Trouble::roll_back);
  all_well_until("25%/traffic");
  judge(run::Consequence::roll_back);
  EXPECT_THAT(told(), ElementsAre("started", "phase"));
  while (!state_.open.empty()) end(Outcome::cancelled);
  retreat_order();
  EXPECT_THAT(told(), ElementsAre("started", "phase", "rolled-back"));
  EXPECT_THAT(reason(), HasSubstr("20 % fail"));
  EXPECT_EQ(newest.values["previous"], "1");
}

TEST_F(Story, AHeldRunAsksWhoIsToDecide) {
  begin_canary();
  all_well_until("5%/bake");
  judge(run::Consequence::hold);
  EXPECT_THAT(told(), ElementsAre("started", "held"));
  EXPECT_THAT(text_of(newest, ""), AllOf(HasSubstr("a person must decide: "), HasSubstr("20 % fail")));
}

TEST_F(Story, RulesThatOnlyTellAreToldAsWhatTheyAre) {
  begin_canary();
  for (auto then : {run::Consequence::page, run::Consequence::warn, run::Consequence::note})
    apply(run::VerdictGiven{.rule = "r", .then = then, .sentence = "slow"});
  EXPECT_THAT(told(), ElementsAre("started", "page", "warn", "note"));
}

TEST_F(Story, TheKeepersWayBackCallsAPerson) {
  begin_canary();
  apply(run::WayBackTaken{.at = now_, .says = "all users to app 1"});
  EXPECT_THAT(told(), ElementsAre("started", "page"));
  EXPECT_EQ(reason(), "nobody judged the candidate, so the keeper took the way back: all users to app 1");
}

TEST_F(Story, AnUndoThatIsGivenUpAndAnEndThatNeedsPeopleCallAPerson) {
  begin_canary();
  apply(run::GaveUp{.step = 0, .why = "refused"});
  apply(run::Ended{run::Ending::needs_people, "half of it stays"});
  EXPECT_THAT(told(), ElementsAre("started", "page", "page"));
  EXPECT_EQ(reason(), "needs people: half of it stays");
}

TEST_F(Story, ARunWhoseBeginningWasToldTellsItsEndWhateverThatIs) {
  for (auto how : {run::Ending::refused, run::Ending::abandoned}) {
    events_.clear();
    begin_canary();
    apply(run::Ended{how, "so it is"});
    EXPECT_THAT(told(), ElementsAre("started", "warn"));
  }
}

TEST_F(Story, SaysHowLongItTookOnceThatIsKnown) {
  begin_canary();
  std::get<run::Started>(events_.front()).runbook.steps.front().expected = 10min;
  told();
  EXPECT_EQ(newest.values["duration"], "at least 10m");
  apply(run::Ended{run::Ending::done, "it serves"});
  told();
  EXPECT_EQ(newest.values["duration"], human(1min * (std::ssize(events_) - 1)));
}

TEST_F(Story, SaysWhenAllWillBeOverWhileThatMayStillBe) {
  begin_canary();
  auto& book = std::get<run::Started>(events_.front()).runbook;
  book.steps.front().expected = 10min, book.learned_from = 3;
  told();
  EXPECT_EQ(newest.values["duration"], "about 10m");
  EXPECT_TRUE(newest.values["back"].ends_with(" UTC")) << newest.values["back"];
  book.steps.front().expected = 1s;
  apply(run::Held{.question = "go on?"});
  told();
  EXPECT_EQ(newest.values["back"], "later than expected");
}

TEST(Notice, IsAnAnnotationOfGrafana) {
  Notice n{.id = "r1.7", .run = "r1", .what = Event::done, .at = Time(90s), .since = Time(30s)};
  n.subject = "shop 2: done", n.text = "it serves", n.values = {{"service", "shop"}, {"environment", "production"}};
  auto json = spec::parse_json(annotation_body({.tags = {"deploys"}}, n));
  ASSERT_TRUE(json);
  EXPECT_EQ((*json)["time"], 30'000);
  EXPECT_EQ((*json)["timeEnd"], 90'000);
  EXPECT_EQ((*json)["tags"], (spec::Json{"davy", "done", "shop", "production", "deploys"}));
  EXPECT_EQ((*json)["text"], "shop 2: done\nit serves");
}

TEST_F(Story, NamesNoTimeThatNobodyKnows) {
  begin_canary();
  told();
  EXPECT_EQ(newest.values["duration"], "some seconds");
}

TEST_F(Story, EveryNameThatATextMayHaveHasAValueInEveryNews) {
  begin_canary();
  told();
  for (auto name : kNames) EXPECT_TRUE(newest.values.contains(std::string(name))) << name;
}

TEST_F(Story, APhaseThatTakesMoreThanTwiceItsTimeIsToldAsAWarning) {
  begin_canary();
  auto book = state_.runbook;
  for (auto& step : book.steps)
    if (step.path.ends_with("/bake")) step.expected = 10min;
  std::get<run::Started>(events_.front()).runbook = book;
  state_.carry_out(std::move(book));
  all_well_until("25%/bake");
  Listener listener("r1");
  std::int64_t seq = 0;
  for (auto& e : events_) (void)listener.hear(e, at, ++seq);
  EXPECT_FALSE(listener.late(at + 20min));
  auto late = listener.late(at + 21min);
  ASSERT_TRUE(late);
  EXPECT_EQ(late->news.what, Event::warn);
  EXPECT_THAT(late->news.values["reason"], AllOf(HasSubstr("phase 25% goes on for 21m"), HasSubstr("25%/bake")));
  EXPECT_EQ(late->seq, listener.late(at + 5h)->seq) << "the same one";
  (void)listener.hear(run::Held{.question = "what now?"}, at + 21min, ++seq);
  EXPECT_FALSE(listener.late(at + 21min)) << "who waits for people is not late";
}

TEST_F(Story, ProgressSaysHowFarItIsWhileItGoesOn) {
  begin_canary();
  all_well_until("25%/bake");
  Listener listener("r1");
  for (auto& e : events_) (void)listener.hear(e, at);
  auto news = listener.progress(at + 5min);
  ASSERT_TRUE(news);
  EXPECT_THAT(text_of(*news, ""),
              AllOf(HasSubstr("after 5m: "), HasSubstr("steps are done, it is at"), HasSubstr("25%/bake")));
  EXPECT_EQ(news->values["phase"], "25%");
  (void)listener.hear(run::Held{.question = "what now?"}, at);
  EXPECT_FALSE(listener.progress(at + 5min));
}

TEST_F(Story, NobodyDrivesItIsAPageThatSaysWhatToType) {
  begin_canary();
  Listener listener("r1");
  for (auto& e : events_) (void)listener.hear(e, at);
  auto news = listener.nobody(at, "its users were moved back");
  EXPECT_EQ(news.what, Event::page);
  EXPECT_EQ(news.values["reason"],
            "nobody drives this run: its users were moved back. `davy status r1` shows how it stands and what to type");
}

News done() {
  News out{.what = Event::done, .values = {}};
  for (auto name : kNames) out.values.emplace(name, "");
  out.values["version"] = "3", out.values["service"] = "shop", out.values["environment"] = "production";
  out.values["reason"] = "shop 3 serves in production", out.values["duration"] = "5m", out.values["run"] = "r1";
  return out;
}

TEST(Texts, FillInNamesAndLeaveDollarsThatAreNone) {
  EXPECT_EQ(filled("${a} $$5 $HOME ${b} ${", {{"a", "${a}"}}), "${a} $5 $HOME ${b} ${");
}

TEST(Texts, MakeWhatCameFromOutsideHarmless) {
  auto news = done();
  news.values["reason"] = "red \x1b[31m\nline";
  auto text = text_of(news, "it: ${reason}");
  EXPECT_EQ(text.find('\x1b'), text.npos);
  EXPECT_THAT(text, HasSubstr("\nline"));
  news.values["version"] = "3\r\nBcc: all@example.com";
  EXPECT_THAT(subject_of(news), Not(HasSubstr("\n")));
}

TEST(Texts, OfDavysOwnSayHowToSeeMore) {
  EXPECT_EQ(text_of(done(), ""), "shop 3 serves in production, after 5m.\n\ndavy status r1");
}

TEST(Texts, AreBoundedWithoutCuttingACharacter) {
  auto news = done();
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "é";
  news.values["reason"] = "x" + many;
  auto text = text_of(news, "${reason}");
  EXPECT_LE(text.size(), 8u * 1024 + 4);
  EXPECT_TRUE(text.ends_with("é …"));
}

TEST(Notices, GoToThoseWhoAreToldAndToNobodyElse) {
  Book book{.people = {{"ana", {.email = "a@x"}}, {"bo", {.email = "b@x"}}}};
  book.notices["done"] = {.to = {"ana"}, .text = "it is done"};
  auto told = notice_for(book, {"ana", Way::email}, done(), "r1", 7, {});
  ASSERT_TRUE(told);
  EXPECT_EQ(told->text, "it is done");
  EXPECT_FALSE(notice_for(book, {"bo", Way::email}, done(), "r1", 7, {}));
  auto other = done();
  other.what = Event::held;
  EXPECT_FALSE(notice_for(book, {"ana", Way::email}, other, "r1", 7, {}));
}

TEST(Notices, HaveTheSameIdWheneverTheyAreMadeAndAnotherForEachChannelAndRecord) {
  auto book = everybody_told_everything();
  book.people["ana"].slack = "$HOOK";
  std::set<std::string> ids;
  for (int twice = 0; twice < 2; ++twice)
    for (auto& channel : channels_of(book))
      for (auto seq : {7, 8}) ids.insert(notice_for(book, channel, done(), "r1", seq, {})->id);
  EXPECT_THAT(ids, ElementsAre("r1.7.ana.email", "r1.7.ana.slack", "r1.8.ana.email", "r1.8.ana.slack"));
}

TEST(Notices, AreOfTheirEnvironments) {
  auto book = everybody_told_everything();
  book.notices["done"].only_in = {"production"};
  EXPECT_TRUE(only_in(book, "production").telling(Event::done));
  EXPECT_FALSE(only_in(book, "staging").telling(Event::done));
  EXPECT_TRUE(only_in(book, "staging").telling(Event::held));
}

TEST(Notices, ReachWhoseTurnItIs) {
  Book book{.people = {{"ana", {.email = "a@x"}}, {"bo", {.email = "b@x"}}}};
  book.people["on-call"] = {.turns = {"ana", "bo"}, .every = Each::week, .from = "2026-01-05"};
  book.notices["done"] = {.to = {"on-call"}};
  auto second_week = Time{std::chrono::sys_days{std::chrono::year{2026} / 1 / 12}};
  EXPECT_TRUE(notice_for(book, {"ana", Way::email}, done(), "r1", 7, second_week - 1s));
  EXPECT_FALSE(notice_for(book, {"ana", Way::email}, done(), "r1", 7, second_week));
  EXPECT_TRUE(notice_for(book, {"bo", Way::email}, done(), "r1", 7, second_week));
}

TEST(Notices, SayAgainWhereTheyMayHaveBeenReceived) {
  auto n = *notice_for(everybody_told_everything(), {"ana", Way::email}, done(), "r1", 7, {});
  EXPECT_EQ(spec::parse_json(webhook_body(n)).value()["again"], false);
  EXPECT_THAT(spoken(n), Not(HasSubstr("again")));
  n.again = true;
  EXPECT_EQ(spec::parse_json(webhook_body(n)).value()["again"], true);
  EXPECT_EQ(spec::parse_json(webhook_body(n)).value()["id"], "r1.7.ana.email");
  EXPECT_TRUE(spoken(n).starts_with("again"));
  EXPECT_TRUE(headline(n).starts_with("again: "));
}

TEST(Webhooks, AreHandedWhatThePlanSays) {
  auto n = *notice_for(everybody_told_everything(), {"ana", Way::email}, done(), "r1", 7, {});
  n.text = "it says \"${version}\" & more";
  EXPECT_EQ(handed({}, n).body, webhook_body(n));
  Person person;
  person.body.is = spec::from_json({{"a", {"${text}", true, 7}}, {"b", {{"c", "${event} of ${version}"}}}});
  auto made = handed(person, n);
  EXPECT_EQ(made.type, "application/json");
  EXPECT_EQ(made.body, R"({"a":["it says \"${version}\" & more",true,7],"b":{"c":"done of 3"}})");
  person = {.headers = {{"Title", "${text}"}}};
  person.body.is.is = std::string("${id}: ${text}");
  made = handed(person, n);
  EXPECT_TRUE(made.type.starts_with("text/plain"));
  EXPECT_EQ(made.body, "r1.7.ana.email: it says \"${version}\" & more");
  person = {.form = {{"A b", "${text}"}, {"C", "1"}}};
  made = handed(person, n);
  EXPECT_EQ(made.body, "A%20b=it%20says%20%22%24%7Bversion%7D%22%20%26%20more&C=1");
  EXPECT_EQ(made.type, "application/x-www-form-urlencoded");
}

TEST(Webhooks, AreHandedNoLineInAHeaderAndNoMoreThanTheirLimit) {
  auto n = *notice_for(everybody_told_everything(), {"ana", Way::email}, done(), "r1", 7, {});
  n.text = "one\r\nBcc: two";
  Person person{.headers = {{"Title", "${text}"}}};
  EXPECT_EQ(handed(person, n).headers["Title"].find_first_of("\r\n"), std::string::npos);
  person.body.is.is = std::string("${text}");
  for (auto [text, limit, is] : {std::tuple("äöü", 3, "äöü"), {"äöü", 2, "ä…"}, {"äöü", 1, "…"}, {"äöü", 0, "äöü"}}) {
    n.text = text, person.limit = limit;
    EXPECT_EQ(handed(person, n).body, is);
  }
}

TEST(Notices, OfSlackHoldNoMentionThatAReleaseWrote) {
  auto n = *notice_for(everybody_told_everything(), {"ana", Way::email}, done(), "r1", 7, {});
  n.text = "<!channel> a & b";
  EXPECT_EQ(slack_body(n), R"({"text":"&lt;!channel&gt; a &amp; b"})");
}

TEST(Turns, PassByDayWeekAndMonth) {
  Person person{.turns = {"a", "b", "c"}, .every = Each::day, .from = "2026-01-31"};
  auto on = [&](int y, unsigned m, unsigned d) {
    using namespace std::chrono;
    return on_turn(person, Time{sys_days{year{y} / month{m} / day{d}}});
  };
  EXPECT_EQ(on(2026, 1, 1), "a") << "before the first day";
  EXPECT_EQ(on(2026, 2, 1), "b");
  EXPECT_EQ(on(2026, 2, 3), "a");
  person.every = Each::month;
  EXPECT_EQ(on(2026, 2, 27), "a");
  EXPECT_EQ(on(2026, 2, 28), "b") << "February has no 31st";
  EXPECT_EQ(on(2026, 3, 30), "b");
  EXPECT_EQ(on(2026, 3, 31), "c");
  EXPECT_EQ(on(2027, 1, 31), "a");
}

TEST(Turns, BeginOnADayOfTheCalendar) {
  EXPECT_TRUE(day_of("2026-01-05"));
  for (auto wrong : {"2026-02-30", "2026-1-5", "05.01.2026", "2026-01-5x", "", "-026-01-05"})
    EXPECT_FALSE(day_of(wrong)) << wrong;
}

TEST(Books, ComeBackFromARunbookAsTheyWere) {
  auto book = everybody_told_everything();
  book.people["hook"] = {.webhook = "$HOOK", .sign = "$KEY"};
  book.people["hook"].body.is = spec::from_json({{"a", {"${text}", true, 7}}});
  book.mail.password = "$SMTP_PASSWORD";
  auto back = book_from(to_value(book));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(spec::encode(*back), spec::encode(book));
  EXPECT_FALSE(to_value(Book{.people = book.people}).null()) << "they may be asked";
  EXPECT_TRUE(to_value(Book{.mail = book.mail}).null()) << "nobody is told anything";
  EXPECT_TRUE(book_from(spec::Value{})->empty());
}

}  // namespace
}  // namespace davy::notices
