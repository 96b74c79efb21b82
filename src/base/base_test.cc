#include <gtest/gtest.h>

#include "base/error.h"
#include "base/shown_url.h"
#include "base/text.h"
#include "base/time.h"
#include "base/units.h"

namespace davy {
namespace {
using namespace std::chrono_literals;

TEST(Durations, ReadAsAPersonWouldSayThem) {
  EXPECT_EQ(human(300ms), "300ms");
  EXPECT_EQ(human(1500ms), "1.5s");
  EXPECT_EQ(human(999'600us), "1s") << "and no 1e+03ms";
  EXPECT_EQ(human(999'400us), "999ms");
  EXPECT_EQ(human(999'700ns), "1ms");
  EXPECT_EQ(human(125s), "2m 5s");
  EXPECT_EQ(human(2h), "2h");
  EXPECT_EQ(human(76h), "3d 4h");
  EXPECT_EQ(human(-5s), "-5s");
}

TEST(Times, AreRfc3339InUtc) { EXPECT_EQ(timestamp(Time(1700000000123ms)), "2023-11-14T22:13:20.123Z"); }

TEST(Units, ReadAsAPersonWouldSayThem) {
  EXPECT_EQ(human(Ratio{0.05}), "5%");
  EXPECT_EQ(human(Ratio{0.0012}), "0.12%");
  EXPECT_EQ(human(Bytes{12'345'678}), "12.3 MB");
  EXPECT_EQ(human(Bytes{999'600}), "1 MB");
  EXPECT_EQ(human(Ratio{12.345}), "1234%");
}

TEST(HostileText, CannotMoveTheCursor) {
  EXPECT_EQ(printable("a\x1b[2Jb\n"), "a\\x1b[2Jb\\x0a");
  EXPECT_EQ(printable("a\nb", true), "a\nb");
  EXPECT_EQ(printable("\xc2\x9b"), "\\u009b");
  EXPECT_EQ(html_escaped("<b a='\"&'>"), "&lt;b a=&#39;&quot;&amp;&#39;&gt;");
}

TEST(NearestWord, IsOfferedOnlyWhenItIsNear) {
  constexpr std::string_view kWords[] = {"canary", "check", "timeout"};
  EXPECT_EQ(nearest("canray", kWords), "canary");
  EXPECT_EQ(nearest("chek", kWords), "check");
  EXPECT_EQ(nearest("zebra", kWords), "");
  constexpr std::string_view kShort[] = {"disk", "url"};
  EXPECT_EQ(nearest("dsik", kShort), "disk");
  EXPECT_EQ(nearest("ulr", kShort), "url");
}

TEST(Text, AsAnExpressionFindsItselfAlone) {
  EXPECT_EQ(regex_escaped("shop@2~r+a.b"), "shop@2~r\\+a\\.b");
  EXPECT_EQ(regex_escaped("[x](y){z}*?^$|\\"), "\\[x\\]\\(y\\)\\{z\\}\\*\\?\\^\\$\\|\\\\");
}

TEST(ShownUrl, LeavesOutWhoAsksAndWhatIsAskedFor) {
  EXPECT_EQ(shown_url("https://ann:hunter2@git.example:8443/shop.git"), "https://git.example:8443/shop.git");
  EXPECT_EQ(shown_url("https://token@git.example"), "https://git.example");
  EXPECT_EQ(shown_url("https://a@b:c@host/x@y"), "https://host/x@y");
  EXPECT_EQ(shown_url("https://builds.example/shop.tgz?sig=hunter2"), "https://builds.example/shop.tgz?…");
  EXPECT_EQ(shown_url("https://builds.example?sig=a@b"), "https://builds.example?…");
  EXPECT_EQ(shown_url("https://builds.example/a#b"), "https://builds.example/a#…");
  for (auto plain : {"git@git.example:shop.git", "/srv/repo", "file:///srv/a@b", "https://git.example/x", "", "://"})
    EXPECT_EQ(shown_url(plain), plain);
}

}  // namespace
}  // namespace davy
