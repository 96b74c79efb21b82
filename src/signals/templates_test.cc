#include "signals/templates.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <random>
#include <set>

namespace davy::signals {
namespace {

using ::testing::ElementsAre;
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

TEST(NewPatterns, AreSaidOnceWithCountAndFirstLine) {
  NewPatterns patterns{Templates()};
  patterns.learn("ERROR order 1 not found in stock");
  patterns.learn("INFO the bank does not answer");
  EXPECT_FALSE(patterns.see("ERROR order 2 not found in stock"));
  EXPECT_FALSE(patterns.see("INFO something new but harmless"));
  EXPECT_TRUE(patterns.see("ERROR the bank does not answer")) << "as an error it is new";
  EXPECT_TRUE(patterns.see("ERROR payment 17 declined by gateway"));
  EXPECT_FALSE(patterns.see("\tat com.shop.Cart.add(Cart.java:17)"));
  EXPECT_FALSE(patterns.see("ERROR payment 18 declined by gateway"));
  auto news = patterns.news();
  ASSERT_EQ(news.size(), 2u);
  EXPECT_EQ(news[1].text, "payment <*> declined by gateway");
  EXPECT_EQ(news[1].example, "ERROR payment 17 declined by gateway");
  EXPECT_EQ(news[1].count, 2u);
  EXPECT_EQ(patterns.said(), 2u);
}

TEST(NewPatterns, AreTheSameFromAWrittenBaseline) {
  Templates learnt;
  learnt.learn(*entry_of("ERROR order 1 not found in stock"));
  NewPatterns patterns(*Templates::read(learnt.write()));
  EXPECT_FALSE(patterns.see("ERROR order 2 not found in stock"));
  EXPECT_TRUE(patterns.see("ERROR payment declined"));
}

// A made corpus: 60 templates of errors, of which the baseline shows 50. What varies is drawn anew, words too.
class Corpus {
 public:
  explicit Corpus(unsigned seed) : random_(seed) {}
  static constexpr int kKnown = 50;
  static std::size_t size() { return kTemplates.size(); }
  std::string line(std::size_t i) {
    std::string out = fmt::format("2026-11-21 10:{:02}:{:02},{:03} [pool-{}] ERROR com.shop.{} - ", random_() % 60,
                                  random_() % 60, random_() % 1000, random_() % 9, kLoggers[i % std::size(kLoggers)]);
    for (auto c : kTemplates[i]) c < ' ' ? out += part(c) : out += c;
    return out;
  }

 private:
  std::string part(char kind) {
    switch (kind) {
      case '\1':
        return fmt::format("{}", random_() % 100'000);
      case '\2':
        return fmt::format("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", random_(), random_() % 65536, random_() % 4096,
                           random_() % 4096, random_());
      case '\3':
        return fmt::format("10.{}.{}.{}:{}", random_() % 256, random_() % 256, random_() % 256, random_() % 65536);
      case '\4':
        return word();
      case '\5':
        return fmt::format("\"{} {}\"", word(), word());
      case '\6':
        return fmt::format("/data/{}/{}.json", random_() % 100, random_());
      default:
        return fmt::format("{:x}", random_() * 7919ull + 0x10000000ull);
    }
  }
  std::string word() {  // names that were never seen before come all the time
    std::string out;
    for (auto n = 3 + random_() % 7; n > 0; --n) out += static_cast<char>('a' + random_() % 26);
    return out;
  }

  static constexpr std::string_view kLoggers[] = {"Cart", "Bank", "Stock", "Mail", "Search", "Login", "Store"};
  static const std::vector<std::string_view> kTemplates;
  std::mt19937 random_;
};

const std::vector<std::string_view> Corpus::kTemplates = {
    "order \1 not found for user \4", "payment \2 declined by gateway after \1 ms", "connection to \3 refused",
    "connection to \3 timed out after \1 ms", "cannot parse \6: unexpected end of input", "user \4 is locked out",
    "invalid token \7 from \3", "stock of item \1 is negative: -\1", "mail to \4@example.com bounced with code \1",
    "query took \1 ms: \5", "deadlock detected between \1 and \1", "duplicate key value \5 violates unique constraint",
    "cache node \3 left the cluster", "cannot write \6: no space left on device",
    "upload \2 exceeds the limit of \1 bytes", "request \7 was aborted by client \3",
    "session \2 expired while user=\4 paid", "retry \1 of \1 failed for job \4", "circuit breaker for \4 is open",
    "unexpected status \1 from \3", "coupon \5 is unknown", "tax service gave no rate for \4",
    "worker \1 died with signal \1", "lock \7 was not released in \1 s", "schema version \1 is older than \1",
    "cannot decode image \6", "search index \4 is corrupt at offset \1", "rate limit of \1 per minute hit by \3",
    "certificate of \3 expires in \1 days", "password of \4 is about to expire", "shard \1 has no leader",
    "replica \3 lags by \1 bytes", "webhook \2 answered \1", "currency \4 cannot be converted",
    "invoice \1 has no lines", "address of customer \1 is incomplete: \5", "carrier \4 rejected parcel \7",
    "refund \2 exceeds payment \2", "feature flag \4 has no default", "template \5 cannot be rendered",
    "thread pool exhausted: \1 active, \1 queued", "out of memory in arena \1", "config key \4 is missing",
    "message \7 is poisoned, moved to \4", "topic \4 has no partition \1", "consumer group \4 rebalanced \1 times",
    "checksum of \6 differs: \7 instead of \7", "clock of \3 is off by \1 ms", "import of \6 stopped at line \1",
    "license for \5 ran out",
    // the candidate's own:
    "java.lang.NullPointerException: basket of user \4", "cannot reserve \1 seats: hall is closed",
    "gift card \7 was used twice", "loyalty points of \4 went below zero",
    "new pricing engine returned nothing for item \1", "migration left column \5 without values",
    "recommendation model \2 refused to load", "graph query \7 too deep: \1 levels",
    "voucher signature mismatch for \2", "could not upgrade websocket from \3"};

TEST(NewPatterns, TellWhatIsNewFromWhatOnlyHasNewWords) {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    Corpus corpus(seed);
    NewPatterns patterns{Templates()};
    for (int i = 0; i < 20 * Corpus::kKnown; ++i)
      patterns.learn(corpus.line(static_cast<std::size_t>(i % Corpus::kKnown)));
    std::size_t right = 0, wrong = 0;
    std::set<std::size_t> found;
    for (std::size_t i = 0; i < 50 * Corpus::size(); ++i) {
      auto which = i % Corpus::size();
      auto line = corpus.line(which);
      if (!patterns.see(line)) continue;
      which >= Corpus::kKnown ? ++right : ++wrong;
      if (which >= Corpus::kKnown) found.insert(which);
      if (which < Corpus::kKnown) ADD_FAILURE() << "no news: " << line;
    }
    RecordProperty(fmt::format("news_right_wrong_{}", seed), fmt::format("{}/{}", right, wrong));
    EXPECT_EQ(wrong, 0u);
    EXPECT_EQ(found.size(), Corpus::size() - Corpus::kKnown);
    EXPECT_EQ(right, found.size()) << "each is said once";
    EXPECT_NEAR(static_cast<double>(patterns.baseline().size()), Corpus::kKnown, 2);
  }
}

}  // namespace
}  // namespace davy::signals
