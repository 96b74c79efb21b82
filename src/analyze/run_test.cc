#include "analyze/run.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <filesystem>
#include <fstream>

#include "analyze/report.h"

namespace davy::analyze {
namespace {

// A folder of its own, gone afterwards.
class Logs : public testing::Test {
 protected:
  void SetUp() override {
    std::string made = (std::filesystem::temp_directory_path() / "davy-analyze.XXXXXX").string();
    ASSERT_NE(::mkdtemp(made.data()), nullptr);
    folder_ = made;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name, std::string_view text) {
    auto path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  std::string packed(const std::string& name, std::string_view text, bool append = false) {
    auto path = (folder_ / name).string();
    auto out = ::gzopen(path.c_str(), append ? "ab" : "wb");
    ::gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
    ::gzclose(out);
    return path;
  }

  std::filesystem::path folder_;
};

std::string lines(int n, std::string_view server = "s1", int each_fails = 0, int from = 0) {
  std::string out;
  for (int i = 0; i < n; ++i)
    out += fmt::format(
        "davy1 {} 127.0.0.1 10.{}.{}.{} shop storefront {} 0/0/0/2/12 {} 126 -- 0 1/1/1/1/0/0 GET \"/p{}\"\n",
        1'795'225'844'000 + (from + i) * 10, from % 256, i / 256 % 256, i % 256, server,
        each_fails > 0 && i % each_fails == 0 ? 500 : 200, i % 7);
  return out;
}

std::uint64_t requests(const Result<Analysis>& found) {
  EXPECT_TRUE(found) << found.error().message;
  std::uint64_t out = 0;
  if (found)
    for (auto& g : found->account.groups()) out += g.figures.tally.requests;
  return out;
}

std::string zstd(std::string_view text) {
  std::string out(::ZSTD_compressBound(text.size()), '\0');
  out.resize(::ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

TEST_F(Logs, ZstdIsUndone) {
  auto text = lines(20'000);
  EXPECT_EQ(requests(analyze({file("a.zst", zstd(text))}, {})), 20'000u);
  EXPECT_EQ(requests(analyze({file("two.zst", zstd(text) + zstd(lines(5)))}, {})), 20'005u) << "two frames are one log";
}

TEST_F(Logs, ZstdThatIsDamagedOrCutOffIsNoLog) {
  auto whole = zstd(lines(20'000));
  auto cut = analyze({file("cut.zst", std::string_view(whole).substr(0, whole.size() / 2))}, {});
  ASSERT_FALSE(cut);
  EXPECT_TRUE(cut.error().message.contains("its zstd ends in the middle")) << cut.error().message;
  whole.replace(whole.size() / 2, 200, 200, 'x');
  EXPECT_FALSE(analyze({file("bad.zst", whole)}, {}));
}

TEST_F(Logs, ZeroBytesBehindGzipAreNoDamage) {
  auto path = packed("a.gz", lines(100));
  std::ofstream(path, std::ios::binary | std::ios::app) << std::string(100'000, '\0');
  EXPECT_EQ(requests(analyze({path}, {})), 100u);
}

TEST_F(Logs, WhatIsPackedOtherwiseSaysWithWhat) {
  using namespace std::string_literals;
  for (auto& [name, text] : {std::pair{"xz", "\xfd\x37zXZ\0...."s},
                             {"bzip2", "BZh91AY&SY"s},
                             {"UTF-16",
                              "\xff\xfe"
                              "1\0.\0"s}}) {
    auto found = analyze({file("a", text)}, {});
    ASSERT_FALSE(found) << name;
    EXPECT_TRUE(found.error().message.contains(name)) << found.error().message;
    EXPECT_FALSE(found.error().hint.empty());
  }
}

TEST_F(Logs, WhatStandsAroundLinesDoesNotChangeWhatTheySay) {
  std::string plain, cri, docker;
  for (int i = 0; i < 3'000; ++i) {
    auto line =
        fmt::format(R"(192.0.2.{} - - [21/Nov/2026:10:00:{:02} +0000] "GET /v{}/a HTTP/1.1" {} 10 "-" "curl/8" 0.010)",
                    i % 12, i / 50, 1 + i % 2, i % 24 == 1 ? 500 : 200);
    auto escaped = line;
    for (auto at = escaped.find('"'); at != escaped.npos; at = escaped.find('"', at + 2)) escaped.insert(at, "\\");
    plain += line + "\n";
    cri += fmt::format("2026-11-21T10:00:{:02}.{:09}Z stdout F {}\n", i / 50, i, line);
    docker += fmt::format("{{\"log\":\"{}\\n\",\"stream\":\"stdout\",\"time\":\"t\"}}\n", escaped);
  }
  RunOptions options{.fields = {.server = "path:1"}, .account = {.baseline = "/v1", .candidate = "/v2"}};
  auto verdict = [&](const Result<Analysis>& found) {
    EXPECT_TRUE(found);
    return found ? view_of(*found, options.account).comparison->sentence : "";
  };
  auto expected = verdict(analyze({file("plain", plain)}, options));
  EXPECT_EQ(verdict(analyze({file("cri", cri)}, options)), expected);
  EXPECT_EQ(verdict(analyze({file("docker", docker)}, options)), expected);
  options.format = R"($remote_addr - - [$time_local] "$request" $status $bytes "$_" "$_" $request_time)";
  EXPECT_EQ(verdict(analyze({file("cri2", cri)}, options)), expected);
  EXPECT_EQ(verdict(analyze({file("docker2", docker)}, options)), expected);
}

TEST_F(Logs, TheLineThatIsBrokenKeepsItsNumberWhereLinesAreInParts) {
  std::string text = "2026-11-21T10:00:02.1Z stdout P {\"status\":\n2026-11-21T10:00:02.1Z stdout F 200}\n";
  for (int i = 0; i < 5; ++i) text += "2026-11-21T10:00:02.1Z stdout F {\"status\":200}\n";
  auto found = analyze({file("cri", text + "2026-11-21T10:00:02.1Z stdout F {\"status\":\n")}, {});
  ASSERT_TRUE(found);
  ASSERT_TRUE(found->logs[0].first_broken);
  EXPECT_EQ(found->logs[0].first_broken->line, 8u);
}

// pino-http and the like: 100 of 400 are 500, and each must be somebody's.
TEST_F(Logs, JsonThatNamesNoServerIsJudgedByRelease) {
  std::string text;
  for (int i = 0; i < 4'000; ++i)
    text +=
        fmt::format(R"({{"time":{},"req":{{"method":"GET","url":"/a"}},"res":{{"statusCode":{}}},"responseTime":12,)"
                    R"("version":"v{}"}})"
                    "\n",
                    1'795'255'202'000 + i * 50, i % 4 == 1 ? 500 : 200, 1 + i % 2);
  for (auto format : {"", "json", "json:pino", "json:status=res.statusCode,latency=responseTime:ms"}) {
    RunOptions options{.format = format, .fields = {.release = "version"}, .account = {.by = By::release}};
    options.account.baseline = "v1", options.account.candidate = "v2";
    auto found = analyze({file("pino", text)}, options);
    ASSERT_TRUE(found) << format;
    auto shown = view_of(*found, options.account);
    EXPECT_EQ(shown.unreached, 0u) << format;
    EXPECT_EQ(shown.total.tally.errors, 1'000u) << format;
    EXPECT_EQ(shown.comparison->verdict, "roll back") << format << ": " << shown.comparison->sentence;
  }
}

TEST_F(Logs, AreReadWholeWhateverTheBlocks) {
  auto text = lines(30'000);  // several blocks
  EXPECT_EQ(requests(analyze({file("a", text)}, {})), 30'000u);
  text.pop_back();
  EXPECT_EQ(requests(analyze({file("b", text)}, {})), 30'000u) << "the last line has no newline";
  EXPECT_EQ(requests(analyze({file("c", lines(3))}, {})), 3u);
}

TEST_F(Logs, GzipIsUndoneAlsoInPieces) {
  EXPECT_EQ(requests(analyze({packed("a.gz", lines(30'000))}, {})), 30'000u);
  packed("b.gz", lines(100));
  EXPECT_EQ(requests(analyze({packed("b.gz", lines(50), true)}, {})), 150u) << "two members, as logrotate's cat makes";
}

TEST_F(Logs, GzipThatIsCutOrDamagedIsAnError) {
  auto whole = packed("a.gz", lines(5'000));
  std::filesystem::resize_file(whole, std::filesystem::file_size(whole) / 2);
  auto cut = analyze({whole}, {});
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, Code::unavailable);
  EXPECT_FALSE(analyze({file("b.gz", "\x1f\x8bnonsense nonsense nonsense")}, {}));
}

TEST_F(Logs, WhatCannotBeReadIsToldByName) {
  for (auto& path : {folder_.string(), (folder_ / "nowhere").string()}) {
    auto found = analyze({path}, {});
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Code::unavailable);
    EXPECT_NE(found.error().message.find(path), std::string::npos);
  }
}

TEST_F(Logs, SeveralAreOneAccount) {
  auto found =
      analyze({file("a", lines(10'000, "s1")), file("b", lines(5'000, "s2", 10)), packed("c.gz", lines(1'000))}, {});
  EXPECT_EQ(requests(found), 16'000u);
  ASSERT_EQ(found->logs.size(), 3u);
  EXPECT_EQ(found->logs[1].counted.lines, 5'000u);
  EXPECT_EQ(found->account.groups()[0].figures.tally.requests, 11'000u);
}

TEST_F(Logs, ALineThatNoBufferHoldsIsBrokenAndTheOthersAreRead) {
  auto text = lines(10) + "davy1 " + std::string(3'000'000, 'x') + "\n" + lines(10);
  auto found = analyze({file("a", text)}, {});
  EXPECT_EQ(requests(found), 20u);
  EXPECT_EQ(found->account.counted().broken, 1u);
  EXPECT_EQ(found->account.counted().lines, 21u);
  EXPECT_EQ(requests(analyze({file("b", lines(10) + "davy1 " + std::string(3'000'000, 'x'))}, {})), 10u);
}

TEST_F(Logs, WhetherALineIsTooLongDoesNotHangOnWhereItLies) {
  auto line_of = [](std::size_t size) {
    auto out = lines(1);
    return out.insert(out.size() - 2, size + 1 - out.size(), 'x');  // in its path; its newline comes on top
  };
  for (int before : {0, 1, 700, 2000, 2900, 3500}) {
    auto text = lines(before) + line_of(256 * 1024) + line_of(256 * 1024 + 1) + line_of(300 * 1024) + lines(10);
    auto found = analyze({file("a", text)}, {});
    EXPECT_EQ(requests(found), static_cast<std::uint64_t>(before) + 11);
    EXPECT_EQ(found->account.counted().broken, 2u);
    EXPECT_EQ(found->account.first_broken()->line, static_cast<std::uint64_t>(before) + 2);
  }
}

TEST_F(Logs, AFormatThatIsNoneOfTheLinesIsAnErrorAndEmptyOnesAreNot) {
  auto found = analyze({file("a", "hello\nworld\n")}, {});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::invalid);
  EXPECT_EQ(requests(analyze({file("b", "")}, {})), 0u);
  EXPECT_FALSE(analyze({file("c", lines(1))}, {.format = "json"}));
  EXPECT_EQ(requests(analyze({file("d", lines(1))}, {.format = "haproxy"})), 1u);
}

// Both take turns, a hundred requests a second each.
std::string side_by_side(int seconds, int candidate_fails_each) {
  std::string out;
  for (int s = 0; s < seconds; ++s)
    out += lines(100, "s1", 0, s * 100) + lines(100, "s2", candidate_fails_each, s * 100);
  return out;
}

view::AnalysisView::Comparison compared(const Result<Analysis>& found, const AccountOptions& options) {
  EXPECT_TRUE(found);
  return compare(found->account, options);
}

TEST_F(Logs, ACandidateThatFailsIsToBeRolledBack) {
  AccountOptions options{.baseline = "s1", .candidate = "s2"};
  auto c = compared(analyze({file("a", side_by_side(60, 20))}, {.account = options}), options);
  EXPECT_EQ(c.verdict, "roll back") << c.sentence;
  EXPECT_EQ(c.after.errors, 300u);
  EXPECT_GT(c.evidence, c.bound);
}

TEST_F(Logs, AnEqualCandidateIsNot) {
  AccountOptions options{.baseline = "storefront/s1", .candidate = "s2*"};
  auto c = compared(analyze({file("a", side_by_side(60, 0))}, {.account = options}), options);
  EXPECT_EQ(c.verdict, "keep watching") << c.sentence;
  EXPECT_EQ(c.after.requests, 6'000u);
}

// What half of the candidate's lines say nobody knows: that is no sign that all is well.
TEST_F(Logs, CannotTellWhereMoreThanOneInAHundredIsNotKnown) {
  AccountOptions options{.by = By::release, .baseline = "v1", .candidate = "v2"};
  auto verdict = [&](std::string_view status) {
    std::string text;
    for (int i = 0; i < 4'000; ++i)
      text += fmt::format(R"({{"time":{},"method":"GET","status":{},"version":"v{}"}})"
                          "\n",
                          1'795'255'202'000 + i * 50, i % 4 == 1 ? status : "200", 1 + i % 2);
    return compared(
        analyze({file("json", text)}, {.format = "json", .fields = {.release = "version"}, .account = options}),
        options);
  };
  for (auto unknown : {"0", "null", "\"?\""}) {
    auto c = verdict(unknown);
    EXPECT_EQ(c.verdict, "cannot tell") << unknown << ": " << c.sentence;
  }
  EXPECT_EQ(verdict("404").verdict, "hold");
}

TEST_F(Logs, WhatNeverServedAtTheSameTimeCannotBeCompared) {
  AccountOptions options{.baseline = "s1", .candidate = "s2"};
  auto text = lines(1'000, "s1") + lines(1'000, "s2", 5, 100'000);
  auto c = compared(analyze({file("a", text)}, {.account = options}), options);
  EXPECT_EQ(c.verdict, "cannot tell") << c.sentence;
  options.candidate = "s9";
  EXPECT_EQ(compared(analyze({file("b", text)}, {.account = options}), options).verdict, "cannot tell");
}

}  // namespace
}  // namespace davy::analyze
