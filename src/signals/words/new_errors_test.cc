// From lines to news: what a log shows of two releases, and what a judge makes of it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "judge/news.h"
#include "signals/words/line_account.h"

namespace davy::signals {
namespace {
using namespace std::chrono_literals;

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

struct Reader {
  LineAccount account = *LineAccount::of({});
  judge::News news{{{.service = "shop", .candidate = {"3", "new"}, .previous = {"2", "old"}}}, {}};
  Time now{1'700'000'000s};

  void hear(const std::string& line, const std::string& release) { account.line(line, now, release); }
  // What is news since the last look, by its lines.
  std::uint64_t look() {
    auto w = account.finish(now, now + 100ms);
    now += 100ms;
    news.count(w);
    return w.counts["new_errors"]["new"];
  }
};

TEST(NewErrors, AreToldFromThoseThatOnlyHaveNewWords) {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    Corpus corpus(seed);
    Reader reader;
    for (int i = 0; i < 20 * Corpus::kKnown; ++i)
      reader.hear(corpus.line(static_cast<std::size_t>(i % Corpus::kKnown)), "old");
    reader.look(), reader.look();
    for (int i = 0; i < 10 * Corpus::kKnown; ++i) {
      auto line = corpus.line(static_cast<std::size_t>(i % Corpus::kKnown));
      reader.hear(line, "new");
      EXPECT_EQ(reader.look(), 0u) << "no news: " << line;
    }
    std::uint64_t found = 0;
    for (std::size_t i = 0; i < 10 * Corpus::size(); ++i) {
      reader.hear(corpus.line(i % Corpus::size()), "new");
      auto told = reader.look();
      EXPECT_TRUE(told == 0 || i % Corpus::size() >= Corpus::kKnown);
      found += told;
    }
    EXPECT_EQ(found, Corpus::size() - Corpus::kKnown) << "each is said once";
  }
}

// A judge that comes later, of a Davy that was killed, knows what was kept; the log is read anew.
TEST(NewErrors, AreTheSameForAReaderThatBeganAnew) {
  Corpus corpus(7);
  Reader first, second;
  for (int i = 0; i < 20 * Corpus::kKnown; ++i)
    first.hear(corpus.line(static_cast<std::size_t>(i % Corpus::kKnown)), "old");
  for (int i = 0; i < 3; ++i) second.news.learn(first.account.finish(first.now, first.now + 100ms));
  std::uint64_t wrong = 0;
  for (int i = 0; i < 10 * Corpus::kKnown; ++i) {
    second.hear(corpus.line(static_cast<std::size_t>(i % Corpus::kKnown)), "new");
    wrong += second.look();
  }
  EXPECT_EQ(wrong, 0u);
}

}  // namespace
}  // namespace davy::signals
