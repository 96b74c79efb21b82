#include "io/lines/line_stream.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>

#include "io/lines/line_stream_testing.h"
#include "io/lines/line_stream_text.h"

namespace davy::io {
namespace {

// Byte by byte, as anybody would write it.
Kept slowly(std::string_view text, std::size_t longest) {
  Kept out;
  std::string line;
  bool lost = false;
  for (char c : text) {
    if (c == '\n') {
      if (!lost) out.line(line);
      line.clear(), lost = false;
    } else if (!lost) {
      line += c;
      if (line.size() == longest) out.lost(), lost = true;
    }
  }
  return out;
}

TEST(LineBuffer, SplitsAsASlowReaderDoesInWhateverBlocksTheBytesCome) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (auto n = random() % 200; n > 0; --n) text += random() % 8 == 0 ? '\n' : static_cast<char>('a' + random() % 3);
    auto wanted = slowly(text, 16);
    LineBuffer buffer(16);
    Kept got;
    for (std::string_view left = text; !left.empty();) {
      auto room = buffer.room();
      ASSERT_FALSE(room.empty());
      auto n = std::min({room.size(), left.size(), std::size_t(1 + random() % 16)});
      std::memcpy(room.data(), left.data(), n);
      buffer.filled(n, got);
      left.remove_prefix(n);
    }
    ASSERT_EQ(got.lines, wanted.lines) << text;
    ASSERT_EQ(got.losses, wanted.losses) << text;
  }
}

void give(LineBuffer& buffer, std::string_view text, LineSink& sink) {
  std::memcpy(buffer.room().data(), text.data(), text.size());
  buffer.filled(text.size(), sink);
}

TEST(LineBuffer, TheLastLineIsWholeOrLostAsItIsTold) {
  LineBuffer buffer;
  Kept got;
  give(buffer, "one\ntw", got);
  buffer.finish(got);
  give(buffer, "three\nfo", got);
  buffer.drop(got);
  give(buffer, "ur\n", got);
  EXPECT_EQ(got.lines, (std::vector<std::string>{"one", "tw", "three", "ur"}));
  EXPECT_EQ(got.losses, 1);
}

TEST(LineBuffer, TheRestOfALineThatBeganBeforeUsIsNotCounted) {
  LineBuffer buffer;
  buffer.skip_rest();
  Kept got;
  give(buffer, "half of", got);
  give(buffer, " it\nnext\n", got);
  EXPECT_EQ(got.lines, std::vector<std::string>{"next"});
  EXPECT_EQ(got.losses, 0);
}

TEST(SyslogHeader, IsTakenOffWhateverItsKind) {
  for (auto& [with, without] : std::map<std::string, std::string>{
           {"<190>Nov 21 12:00:00 web1 nginx: 10.0.0.1 - - x", "10.0.0.1 - - x"},
           {"<190>Nov  1 12:00:00 nginx: 10.0.0.1 - - x", "10.0.0.1 - - x"},
           {"<134>Nov 21 12:00:00 haproxy[12]: 10.0.1.2:33317 [06/Feb", "10.0.1.2:33317 [06/Feb"},
           {"<13>1 2026-11-21T12:00:00.1+00:00 web1 root - - - GET /", "GET /"},
           {R"(<13>1 2026-11-21T12:00:00Z web1 root 7 id [timeQuality tzKnown="1" x="a\"] b"][y] GET /)", "GET /"},
           {"<13>1 - - - - - - \xef\xbb\xbfGET /", "GET /"}})
    EXPECT_EQ(without_syslog_header(with), without) << with;
}

TEST(SyslogHeader, WhatHasNoneIsLeftAsItIs) {
  for (auto text : {"", "<", "<>x", "<1", "<12x>1 a b", "davy1 1 2", "<13>", "<13>1 a b", "<13>1 a b c d e [x",
                    "<13>Nov 21 12:00:00", "<13>Nov 21 12:00:00 a b c", "10.0.0.1 - - x"})
    EXPECT_EQ(without_syslog_header(text), text) << text;
}

TEST(JournaldMessage, IsTextOrBytes) {
  for (auto& [json, wanted] :
       std::map<std::string, std::string>{{R"({"_PID":"7","MESSAGE":"GET \"/\"","PRIORITY":"6"})", "GET \"/\""},
                                          {R"({"MESSAGE":[71,69,84,255],"X":[1]})", "GET\xff"},
                                          {R"({"X":["no"],"MESSAGE":["first","second"]})", "first"},
                                          {R"({"MESSAGE":[[71,69],[84]]})", "GE"},
                                          {R"({"A":null,"MESSAGE":""})", ""}}) {
    std::string got;
    EXPECT_EQ(journald_message(json, got), Journald::message) << json;
    EXPECT_EQ(got, wanted) << json;
  }
}

TEST(JournaldMessage, WhatIsNotThereIsNotMadeUp) {
  std::string got;
  EXPECT_EQ(journald_message(R"({"_PID":"7"})", got), Journald::other);
  for (auto text : {"", "GET /", "[]", "7", R"("x")", R"({"MESSAGE":"x")", R"({"MESSAGE":null})",
                    R"({"X":{"MESSAGE":"x"}})", "{} {}"})
    EXPECT_EQ(journald_message(text, got), Journald::broken) << text;
}

}  // namespace
}  // namespace davy::io
