#include "notices/letter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"

namespace davy::notices {
namespace {

using testing::HasSubstr;
using testing::Not;

Notice notice() {
  Notice n{.id = "r1.7.ana.email", .run = "r1", .what = Event::done, .channel = {"ana", Way::email}};
  n.at = Time{std::chrono::sys_days{std::chrono::year{2026} / 11 / 28}} + std::chrono::hours(21);
  n.subject = "shop 3 in production: done";
  n.text = "it serves";
  return n;
}

std::string header_of(const std::string& mail, const std::string& name) {
  auto at = mail.find("\r\n" + name + ": ");
  if (at == mail.npos) return "none";
  auto from = at + name.size() + 4;
  auto end = from;
  do end = mail.find("\r\n", end + 1);
  while (mail[end + 2] == ' ');
  return mail.substr(from, end - from);
}

TEST(Letter, HasTheHeadersThatAMailNeeds) {
  auto mail = letter(notice(), "davy@example.com", "ana@example.org");
  EXPECT_TRUE(mail.starts_with("From: Davy <davy@example.com>\r\nTo: <ana@example.org>\r\n"));
  EXPECT_EQ(header_of(mail, "Subject"), "shop 3 in production: done");
  EXPECT_EQ(header_of(mail, "Date"), "Sat, 28 Nov 2026 21:00:00 +0000");
  EXPECT_EQ(header_of(mail, "Message-ID"), "<r1.7.ana.email@example.com>");
  EXPECT_EQ(header_of(mail, "References"), "<r1@example.com>");
  EXPECT_THAT(mail, HasSubstr("\r\n\r\naXQgc2VydmVzDQo=\r\n"));  // "it serves" and the end of its line
}

TEST(Letter, EncodesASubjectThatIsNotPlain) {
  auto n = notice();
  n.subject = "Ülkü";
  EXPECT_EQ(header_of(letter(n, "d@x", "a@x"), "Subject"), "=?utf-8?B?w5xsa8O8?=");
  n.subject = "=?utf-8?B?AAAA?=";
  EXPECT_EQ(header_of(letter(n, "d@x", "a@x"), "Subject"), "=?utf-8?B?PT91dGYtOD9CP0FBQUE/PQ==?=");
}

TEST(Letter, HasNoLineThatIsTooLongAndNoneThatEndsOtherwise) {
  auto n = notice();
  n.subject.clear();
  for (int i = 0; i < 300; ++i) n.subject += "ü ", n.text += "line\nü";
  auto mail = letter(n, "davy@example.com", "ana@example.org");
  std::size_t longest = 0;
  for (auto line : split(mail, '\n')) longest = std::max(longest, line.size());
  EXPECT_LE(longest, 78u);
  for (std::size_t at = 0; (at = mail.find('\n', at)) != mail.npos; ++at) EXPECT_EQ(mail[at - 1], '\r');
}

TEST(Letter, SaidAgainHasTheSameMessageId) {
  auto n = notice();
  auto once = message_id(n, "davy@example.com");
  n.again = true;
  EXPECT_EQ(message_id(n, "davy@example.com"), once);
  EXPECT_EQ(header_of(letter(n, "d@x", "a@x"), "Subject"), "again: shop 3 in production: done");
}

TEST(MailAddress, CannotEndAHeaderOrACommand) {
  EXPECT_TRUE(mail_address("devops-lead+x@ecent.online"));
  for (auto wrong :
       {"", "ana", "@x", "ana@", "a@b@c", "ana@x\r\nBcc: b@x", "a b@x", "<a@x>", "a@x,b@x", "ä@x", "\"a\"@x"})
    EXPECT_FALSE(mail_address(wrong)) << wrong;
}

}  // namespace
}  // namespace davy::notices
