// The quick ways beside slow ones: lines of a block against a loop over newlines, all lines of a block at once against
// each alone, and HAProxy's line against one that is split at its spaces.
#include "signals/traffic/block.h"

#include <gtest/gtest.h>

#include <charconv>
#include <vector>

#include "base/text.h"
#include "signals/formats/format.h"
#include "signals/formats/lines_testing.h"

namespace davy::signals {
namespace {
using namespace std::chrono_literals;

constexpr Dividers kNone{'\1', '\1'};

std::vector<std::string> taken(std::string_view block) {
  std::vector<std::string> out;
  Block lines(block, kNone);
  for (auto some = lines.next(); !some.empty(); some = lines.next())
    for (auto& one : some) out.emplace_back(one.text);
  return out;
}

void are_those_of_a_loop(std::size_t size, std::size_t often, std::mt19937_64& random) {
  std::string text(size, 'x');
  for (auto& c : text)
    if (random() % often == 0) c = '\n';
  text.shrink_to_fit();
  std::vector<std::string> slow;
  for (std::size_t at = 0; at < size;) {
    auto end = std::min(text.find('\n', at), size);
    slow.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  ASSERT_EQ(taken(text), slow) << text;
}

TEST(Block, AreThoseOfALoop) {
  std::mt19937_64 random(5);
  for (std::size_t size = 0; size < 700; ++size) are_those_of_a_loop(size, 1 + random() % 40, random);
}

TEST(Block, LongerThanWhatIsLookedAtInAdvanceAreLinesToo) {
  std::mt19937_64 random(6);
  for (auto often : {1u, 2u, 100u, 5'000u, 20'000u, 100'000u})
    for (int i = 0; i < 20; ++i)
      are_those_of_a_loop(random() % 3 == 0 ? Marks::kMost * (1 + random() % 4) : random() % 100'000, often, random);
}

bool same(const Request& a, const Request& b) {
  return a.end == b.end && a.client == b.client && a.backend == b.backend && a.server == b.server &&
         a.release == b.release && a.method == b.method && a.path == b.path && a.host == b.host &&
         a.termination == b.termination && a.tried == b.tried && a.status == b.status && a.latency == b.latency &&
         a.bytes == b.bytes && a.redispatched == b.redispatched && a.outcome == b.outcome;
}

// Whole, spoilt and long ones; dates and keys change now and then, since a line may be read with the help of the one
// before.
std::string with(std::string_view text, std::string_view what, std::string_view instead) {
  std::string out(text);
  auto at = out.find(what);
  EXPECT_NE(at, out.npos) << what;
  return out.replace(at, what.size(), instead);
}

std::string block_of(std::string_view line, std::mt19937_64& random) {
  std::string out;
  for (auto n = random() % 100; n > 0; --n) {
    auto one = random() % 2 ? spoilt(line, random) : std::string(line);
    for (auto& c : one)
      if (c >= '1' && c <= '9' && random() % 40 == 0) c = static_cast<char>('0' + random() % 10);
    if (random() % 50 == 0) one.insert(random() % (one.size() + 1), random() % (random() % 9 ? 400 : 40'000), 'y');
    if (random() % 50 == 0) one += '\r';
    out += one += '\n';
  }
  if (random() % 2 && !out.empty()) out.pop_back();
  out.shrink_to_fit();
  return out;
}

void together_as_alone(const Format& format, std::string_view block, Want want) {
  Block lines(block, format.dividers());
  for (auto some = lines.next(); !some.empty(); some = lines.next()) {
    format.parse(some, lines.marks(), lines.recent(), want);
    for (auto& one : some) {
      Request alone;
      ASSERT_EQ(format.parse(one.text, alone, want), one.parsed) << one.text;
      if (one.parsed == Parsed::line) {
        ASSERT_TRUE(same(alone, one.line)) << one.text;
      }
    }
  }
}

TEST(Block, TogetherSayWhatEachSaysAlone) {
  std::mt19937_64 random(11);
  auto moved = with(kDavyLine, " 0 12/", " +1 12/"), nobody = with(kDavyLine, " davy2 ", " <NOSRV> ");
  auto http_moved = with(kPlainHttpLine, "/1/0 ", "/1/+1 "), http_nobody = with(kPlainHttpLine, "/srv1", "/<NOSRV>");
  for (auto [name, line] :
       std::initializer_list<std::pair<std::string_view, std::string_view>>{{"haproxy", kDavyLine},
                                                                            {"haproxy", moved},
                                                                            {"haproxy", nobody},
                                                                            {"haproxy", http_moved},
                                                                            {"haproxy", http_nobody},
                                                                            {"haproxy", kHttpLine},
                                                                            {"haproxy", kPlainHttpLine},
                                                                            {kNginxPattern, kPlainNginxLine},
                                                                            {"nginx", kPlainNginxLine},
                                                                            {kNginxPattern, kNginxLine},
                                                                            {"nginx", kNginxLine},
                                                                            {kApachePattern, kApacheLine},
                                                                            {"json:nginx", kJsonLine},
                                                                            {"json", kCaddyLine},
                                                                            {"json:caddy", kCaddyLine},
                                                                            {"json:traefik", kTraefikLine},
                                                                            {"json:envoy", kEnvoyLine}}) {
    auto format = Format::from(name);
    ASSERT_TRUE(format) << name;
    for (int i = 0; i < 60; ++i)
      for (auto want : {Want::counts, Want::all}) together_as_alone(*format, block_of(line, random), want);
  }
}

TEST(Block, ThatBeginWithZeroBytesAreNotThoseOfASecondNobodySaw) {
  auto zeros = std::string(16, '\0') + with(kDavyLine, "davy1 1795225844", "");
  together_as_alone(Format(), zeros + "\n" + zeros, Want::counts);
}

// Digits, after a `+`; -1 as `-1` or `-`. None: it is no number.
std::optional<std::int64_t> slow_number(std::string_view text) {
  if (text == "-" || text == "-1") return -1;
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t n = 0;
  auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (text.empty() || text.size() > 18 || text[0] == '-' || error != std::errc{} || stop != text.data() + text.size())
    return std::nullopt;
  return n;
}

// Davy's own log-format, field by field, as its manual has it.
Parsed slow_davy(std::string_view text, Request& out) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == '\0')) text.remove_suffix(1);
  auto f = split(text, ' ');
  if (f.size() < 15) return Parsed::broken;
  auto timers = split(f[7], '/');
  auto end = slow_number(f[1]), status = slow_number(f[8]);
  if (timers.size() != 5 || !end || f[1].find_first_not_of("0123456789") != f[1].npos || *end > 9'000'000'000'000)
    return Parsed::broken;
  auto request = slow_number(timers[0]), total = slow_number(timers[4]);
  if (!status || *status > 999 || !request || !total || f[5].empty() || f[6].empty() || f[10].size() < 2 ||
      f[12].empty() || !f[14].starts_with('"'))
    return Parsed::broken;
  constexpr std::int64_t kYear = 365ll * 24 * 3600 * 1000;
  auto ms = std::clamp<std::int64_t>(*total, 0, kYear) - std::max<std::int64_t>(*request, 0);
  out.end = Time(std::chrono::milliseconds(*end));
  out.backend = f[5], out.server = f[6];
  out.status = static_cast<int>(std::max<std::int64_t>(*status, 0));
  out.latency = ms <= 0 ? Duration(500us) : Duration(std::chrono::milliseconds(ms));
  out.outcome = outcome_of(f[10], out.status, !f[6].starts_with('<'));
  return Parsed::line;
}

TEST(Block, HaproxysAreReadAsOneSplitAtItsSpaces) {
  std::mt19937_64 random(17);
  std::uint64_t read = 0;
  for (int i = 0; i < 3000; ++i) {
    auto block = block_of(kDavyLine, random);
    Block lines(block, kHaproxyDividers);
    for (auto some = lines.next(); !some.empty(); some = lines.next()) {
      parse_haproxy(some, lines.marks(), lines.recent(), Want::counts, {});
      for (auto& one : some) {
        if (!one.text.starts_with("davy1 ")) continue;
        Request slow;
        ASSERT_EQ(slow_davy(one.text, slow), one.parsed) << one.text;
        if (one.parsed != Parsed::line) continue;
        ++read;
        ASSERT_TRUE(slow.end == one.line.end && slow.backend == one.line.backend && slow.server == one.line.server &&
                    slow.status == one.line.status && slow.latency == one.line.latency &&
                    slow.outcome == one.line.outcome)
            << one.text;
      }
    }
  }
  EXPECT_GT(read, 50'000u);
}

}  // namespace
}  // namespace davy::signals
