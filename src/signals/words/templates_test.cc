#include "signals/words/templates.h"

#include <gmock/gmock.h>

namespace davy::signals {
namespace {

using ::testing::HasSubstr;

std::string text_of(std::string_view line) {
  std::string out;
  for (auto& token : reduced(line)) out += (out.empty() ? "" : " ") + token;
  return out;
}

TEST(Reduced, TakesOutWhatVariesByItsShape) {
  EXPECT_EQ(text_of("took 12 ms for 1,234 rows (5.5%)"), "took <*> ms for <*> rows (<*>%)");
  EXPECT_EQ(text_of("connect to 10.0.0.1:5432 failed"), "connect to <*> failed");
  EXPECT_EQ(text_of("from [fe80::1ff:fe23:4567:890a]:80"), "from [<*>]:<*>");
  EXPECT_EQ(text_of("order 550e8400-e29b-41d4-a716-446655440000 lost"), "order <*> lost");
  EXPECT_EQ(text_of("order deadbeef-dead-beef-dead-beefdeadbeef lost"), "order <*> lost");
  EXPECT_EQ(text_of("at 2026-11-21T10:00:00.123+01:00 it broke"), "at <*> it broke");
  EXPECT_EQ(text_of("2026-11-21 10:00:00,123 it broke"), "<*> it broke");
  EXPECT_EQ(text_of("relation \"orders of 'x'\" does not exist"), "relation <*> does not exist");
  EXPECT_EQ(text_of("can't open 'a file' or `b`"), "can't open <*> or <*>");
  EXPECT_EQ(text_of("GET /api/orders/17/items?user=bob 0x7fff12ab"), "GET /api/orders/<*>/items?<*> <*>");
  EXPECT_EQ(text_of("mail to bob@example.com bounced"), "mail to <*> bounced");
  EXPECT_EQ(text_of("user=\"Bob B\" offset=-5 id=a7"), "user=<*> offset=<*> id=<*>");
  EXPECT_EQ(text_of("ids 1, 2, 3 gone"), text_of("ids 1 gone"));
  EXPECT_EQ(text_of("Http2Exception: x"), "Http2Exception: x");
  EXPECT_EQ(text_of("a\x01\x02 b"), "a?? b") << "bytes that mean something inside come from strangers too";
  EXPECT_EQ(reduced(std::string(10'000, 'x')), Tokens{"<*>"});
  EXPECT_EQ(reduced(std::string(2'000, ' ')), Tokens{});
}

TEST(AppLine, IsReadAsLoggersWriteIt) {
  struct {
    std::string_view line;
    Level level;
    std::string_view message;
  } cases[] = {
      {"2026-11-21 10:00:00,123 [main] ERROR c.e.Shop - no stock", Level::error, "c.e.Shop - no stock"},
      {"2026-11-21T10:00:00.1+01:00 ERROR 12 --- [main] c.e.Shop : no", Level::error, "12 --- [main] c.e.Shop : no"},
      {"ERROR:root:it broke", Level::error, "root:it broke"},
      {"error: it broke", Level::error, "it broke"},
      {"E, [2026-11-21T10:00:00.1 #7] ERROR -- : it broke", Level::error, "it broke"},
      {"E1121 10:00:00.123456 1 main.go:12] it broke", Level::error, "it broke"},
      {"2026/11/21 10:00:00 [error] 12#0: *1 it broke", Level::error, "12#0: *1 it broke"},
      {"[Sat Nov 21 10:00:00 2026] [core:crit] [pid 1] it broke", Level::error, "[pid 1] it broke"},
      {"2026-11-21 10:00:00 UTC [7] FATAL:  no slots", Level::error, "no slots"},
      {"ts=1 level=error msg=\"it broke\" err=\"no stock\"", Level::error, "it broke error=no stock"},
      {R"({"time":1,"level":"error","ctx":{"level":"info"},"msg":"it \"broke\"","err":null})", Level::error,
       "it \"broke\""},
      {R"({"level":50,"msg":"it broke","err":{"type":"Error","message":"x"}})", Level::error,
       R"(it broke error={"type":"Error","message":"x"})"},
      {R"({"severity":"WARNING","message":"slow"})", Level::warning, "slow"},
      {"INFO all is well, no ERROR", Level::info, "all is well, no ERROR"},
      {"Payment ERROR for bob", Level::error, "Payment ERROR for bob"},
      {"GET /errors/error 200", Level::none, "GET /errors/error 200"},
      {"java.net.ConnectException: refused", Level::error, "java.net.ConnectException: refused"},
      {"Caused by: java.io.IOException: x", Level::error, "Caused by: java.io.IOException: x"},
      {"panic: runtime error", Level::error, "runtime error"},
      {"nothing of the kind", Level::none, "nothing of the kind"},
      {"fail: Shop.Cart[13] no stock", Level::error, "Shop.Cart[13] no stock"},
      {R"({"@t":"2026-11-21T10:00:00Z","@mt":"it broke","@l":"Error"})", Level::error, "it broke"},
      {R"({"Level":"Error","Message":"it broke"})", Level::error, "it broke"},
      {"[2026-11-21 10:00:00] production.ERROR: it broke", Level::error, "it broke"},
      {"PHP Fatal error:  Uncaught Error: x", Level::error, "PHP Fatal error:  Uncaught Error: x"},
      {"<3>it broke", Level::error, "it broke"},
      {"<6>all is well", Level::info, "all is well"},
      {"t=2026-11-21T10:00:00 lvl=eror msg=\"it broke\"", Level::error, "it broke"},
      {"(node:7) UnhandledPromiseRejectionWarning: x", Level::error, "(node:7) UnhandledPromiseRejectionWarning: x"},
      {"GET /v1.error: 200", Level::none, "GET /v1.error: 200"},
  };
  for (auto& one : cases) {
    auto read = read_app_line(one.line);
    EXPECT_EQ(name_of(read.level), name_of(one.level)) << one.line;
    EXPECT_EQ(read.message, one.message) << one.line;
    EXPECT_FALSE(read.continues) << one.line;
  }
  for (auto line : {"\tat com.shop.Cart.add(Cart.java:17)", "    File \"x.py\", line 3", "", "... 12 more",
                    "Traceback (most recent call last):", "goroutine 1 [running]:"})
    EXPECT_TRUE(read_app_line(line).continues) << line;
}

TEST(AppLine, TellsFieldsForReleaseBy) {
  EXPECT_EQ(field_of(R"({"a":{"version":"9"},"version":"1.2"})", "version"), "1.2");
  EXPECT_EQ(field_of("level=info version=\"1 2\" x", "version"), "1 2");
  EXPECT_EQ(field_of("nothing", "version"), "");
  EXPECT_EQ(field_of("{\"version\"", "version"), "");
}

TEST(Templates, CountLinesThatDifferInWhatVaries) {
  Templates all;
  auto learn = [&](std::string_view line) { return all.learn(*entry_of(line)).id; };
  EXPECT_EQ(learn("ERROR order 1 of user alice not found"), learn("ERROR order 2 of user bob not found"));
  EXPECT_NE(learn("ERROR order 1 of user alice not found"), learn("WARN order 1 of user alice not found"));
  EXPECT_EQ(all.top(1)[0]->text(), "order <*> of user <*> not found");
  EXPECT_EQ(all.top(1)[0]->count, 3u);
}

TEST(Templates, DoNotDriftUntilTheyFitEverything) {
  Templates all;
  for (auto line : {"a b c d e f", "a b c d e x", "a b c d y x", "a b c z y x", "a b w z y x", "q r s t u v"})
    all.learn(*entry_of(line));
  EXPECT_GE(all.size(), 3u);
  for (auto one : all.all()) EXPECT_GE(std::ranges::count_if(one->tokens, [](auto& t) { return t != "<*>"; }), 4);
}

TEST(Templates, KeepNamesOfExceptionsAndReasonsApart) {
  Templates all;
  auto learn = [&](std::string_view line) { return all.learn(*entry_of(line)).id; };
  EXPECT_NE(learn("ERROR call failed with java.net.ConnectException: x"),
            learn("ERROR call failed with java.sql.SQLException: x"));
  EXPECT_NE(learn("level=error msg=\"call of the bank failed\" err=timeout"),
            learn("level=error msg=\"call of the bank failed\" err=refused"));
  EXPECT_EQ(learn("ERROR sale failed user=alice city=Oslo"), learn("ERROR sale failed user=bob city=Rome"));
  EXPECT_NE(learn("ERROR sale failed user=alice reason=stock"), learn("ERROR sale failed user=bob reason=card"));
}

TEST(Templates, AreBoundedAndForgetWhatWasNotSeenForLongest) {
  Templates all(80);
  auto word = [](int i) {
    return std::string(1, static_cast<char>('a' + i % 26)) + static_cast<char>('a' + i / 26 % 26);
  };
  for (int i = 0; i < 600; ++i) {
    all.learn({Level::error, {"kept", "here"}});
    all.learn({Level::error, {word(i), word(i / 2), word(i / 3)}});
    ASSERT_LE(all.size(), 90u);
  }
  EXPECT_GT(all.forgotten(), 0u);
  EXPECT_TRUE(all.find({Level::error, {"kept", "here"}}));
}

TEST(Templates, AreWrittenAndReadBack) {
  Templates all;
  for (auto line : {"ERROR order 1 of alice not found", "ERROR order 2 of bob not found", "WARN slow", "x y=1 z"})
    all.learn(*entry_of(line));
  auto text = all.write();
  auto back = Templates::read(text);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->write(), text);
  EXPECT_TRUE(back->find(*entry_of("ERROR order 7 of carol not found")));
  EXPECT_FALSE(back->find(*entry_of("ERROR cannot reach the bank today")));
}

TEST(Templates, RefuseWhatIsNone) {
  for (auto text : {"", "x", "davy log templates 1\nerror 1\n", "davy log templates 1\nbad 1 1 a\n",
                    "davy log templates 1\nerror x 1 a\n", "davy log templates 2\n"})
    EXPECT_FALSE(Templates::read(text)) << text;
  EXPECT_THAT(Templates::read("davy log templates 1\nerror 1 1 a\nnone\n").error().message, HasSubstr("line 3"));
}

}  // namespace
}  // namespace davy::signals
