// Mail, webhooks and commands, against servers of a few lines.
#include <gmock/gmock.h>

#include <mutex>

#include "io/net/http.h"
#include "io/net/net_testing.h"
#include "io/ways/hooks.h"
#include "io/ways/mail.h"
#include "io/ways/sayings.h"
#include "io/ways/smtp.h"
#include "ports/testing/fake_mail.h"
#include "ports/testing/mail_contract.h"

namespace davy::io {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

template <class T>
Result<T> carried_out(ports::Task<T> task) {
  asio::io_context context;
  std::optional<Result<T>> out;
  asio::co_spawn(context, std::move(task), [&](std::exception_ptr crossed, Result<T> result) {
    if (crossed) ADD_FAILURE() << "an exception crossed a port";
    out = std::move(result);
  });
  context.run();
  return std::move(*out);
}

// Talks SMTP with one client after the other; to what begins with `no` it says no.
class MailSink {
 public:
  void say_no_to(std::string word) {
    std::lock_guard hold(mutex_);
    no_ = std::move(word);
  }
  std::vector<std::string> texts() {
    std::lock_guard hold(mutex_);
    return texts_;
  }
  std::string port() const { return server_.port(); }

 private:
  using Socket = Server::tcp::socket;
  static void say(Socket& socket, const std::string& text) { asio::write(socket, asio::buffer(text + "\r\n")); }
  static std::string line(Socket& socket, std::string& waiting) {
    auto size = asio::read_until(socket, asio::dynamic_buffer(waiting), "\r\n");
    auto out = waiting.substr(0, size - 2);
    waiting.erase(0, size);
    return out;
  }
  // Dots that were doubled are single again (RFC 5321, 4.5.2).
  static std::string text(Socket& socket, std::string& waiting) {
    std::string out;
    for (auto one = line(socket, waiting); one != "."; one = line(socket, waiting))
      out += (one.starts_with('.') ? one.substr(1) : one) + "\r\n";
    return out;
  }
  bool refused(const std::string& word) {
    std::lock_guard hold(mutex_);
    return !no_.empty() && word.starts_with(no_);
  }
  void keep(std::string letter) {
    std::lock_guard hold(mutex_);
    texts_.push_back(std::move(letter));
  }
  void talk(Socket& socket) {
    std::string waiting;
    say(socket, "220 sink");
    for (;;) {
      auto word = line(socket, waiting);
      if (refused(word)) {
        say(socket, "550 no");
      } else if (word.starts_with("DATA")) {
        say(socket, "354 go on");
        keep(text(socket, waiting));
        say(socket, "250 taken");
      } else {
        say(socket, word.starts_with("QUIT") ? "221 bye" : "250 fine");
      }
    }
  }

  std::mutex mutex_;
  std::string no_;
  std::vector<std::string> texts_;
  Server server_{[this](Socket& socket) { talk(socket); }};
};

struct OverSmtp {
  std::optional<MailSink> sink{std::in_place};
  Secrets secrets;
  Mail real{secrets};
  std::string server = "smtp://127.0.0.1:" + sink->port();

  ports::Mail& mail() { return real; }
  ports::Letter letter() { return {.server = server, .from = "davy@example.com", .to = "ana@example.com"}; }
  Result<> run(ports::Task<> task) { return carried_out(std::move(task)); }
  std::vector<std::string> received() { return sink->texts(); }
  void refuse() { sink->say_no_to("RCPT"); }
  void vanish() { sink.reset(); }
};

struct AList {
  ports::testing::FakeMail fake;
  ports::Mail& mail() { return fake; }
  ports::Letter letter() { return {.server = "smtp://x", .from = "davy@example.com", .to = "ana@example.com"}; }
  Result<> run(ports::Task<> task) { return carried_out(std::move(task)); }
  std::vector<std::string> received() {
    std::vector<std::string> out;
    for (auto& one : fake.letters) out.push_back(one.message);
    return out;
  }
  void refuse() { fake.refuses = true; }
  void vanish() { fake.away = true; }
};

}  // namespace
}  // namespace davy::io

namespace davy::ports::testing {
INSTANTIATE_TYPED_TEST_SUITE_P(OverSmtp, MailContract, io::OverSmtp);
INSTANTIATE_TYPED_TEST_SUITE_P(AList, MailContract, io::AList);
}  // namespace davy::ports::testing

namespace davy::io {
namespace {

TEST(MailOverSmtp, APasswordLeavesInTlsAlone) {
  MailSink sink;
  Secrets secrets;
  ::setenv("DAVY_TEST_PASSWORD", "hunter2", 1);
  secrets.add_environment({"DAVY_TEST_PASSWORD"});
  Mail mail(secrets);
  auto sent = carried_out(mail.send({.server = "smtp://127.0.0.1:" + sink.port(),
                                     .user = "davy",
                                     .password = {"DAVY_TEST_PASSWORD"},
                                     .from = "davy@example.com",
                                     .to = "ana@example.com",
                                     .message = "x\r\n"}));
  ASSERT_FALSE(sent);
  EXPECT_THAT(to_string(sent.error()), Not(HasSubstr("hunter2")));
  EXPECT_TRUE(sink.texts().empty());
}

// Says what it is told to, one line for each that it hears, and then nothing for as long as the client stays.
Server::Handler falls_silent(std::vector<std::string> lines) {
  return [lines](Server::tcp::socket& socket) {
    std::string heard;
    for (auto& line : lines) {
      asio::write(socket, asio::buffer(line + "\r\n"));
      asio::read_until(socket, asio::dynamic_buffer(heard), "\r\n");
      heard.clear();
    }
    for (char ignored[1024];;) socket.read_some(asio::buffer(ignored));
  };
}

Result<> sent_to(Server& server) {
  Secrets secrets;
  Mail mail(secrets);
  return carried_out(mail.send({.server = "smtp://127.0.0.1:" + server.port(),
                                .from = "davy@example.com",
                                .to = "ana@example.com",
                                .message = "x\r\n",
                                .timeout = 300ms}));
}

TEST(MailOverSmtp, AServerThatFallsSilentIsGivenUpInTimeWhereverThatIs) {
  std::vector<std::string> answers{"220 sink", "250 fine", "250 fine", "250 fine", "354 go on"};
  for (std::size_t said = 0; said <= answers.size(); ++said) {
    SCOPED_TRACE(said);
    Server server(falls_silent({answers.begin(), answers.begin() + static_cast<std::ptrdiff_t>(said)}));
    auto sent = sent_to(server);
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, said < answers.size() ? Code::unavailable : Code::timed_out)
        << "who has nothing, and who may: " << to_string(sent.error());
  }
}

TEST(MailOverSmtp, WhatWasTakenIsTakenThoughTheGoodbyeIsNotAnswered) {
  Server server(falls_silent({"220 sink", "250 fine", "250 fine", "250 fine", "354 go on", "250 taken"}));
  EXPECT_TRUE(sent_to(server));
}

TEST(MailOverSmtp, KeepsNobodyElseWaitingWhileItWaits) {
  Server server(falls_silent({"220 sink", "250 fine", "250 fine", "250 fine", "354 go on"}));
  Secrets secrets;
  Mail mail(secrets);
  asio::io_context context;
  bool other = false, other_was_first = false;
  asio::co_spawn(context, mail.send({.server = "smtp://127.0.0.1:" + server.port(), .timeout = 300ms}),
                 [&](std::exception_ptr, Result<>) { other_was_first = other; });
  asio::steady_timer timer(context, 20ms);
  timer.async_wait([&](auto) { other = true; });
  context.run();
  EXPECT_TRUE(other_was_first);
}

TEST(MailOverSmtp, WhoSaysNotNowHasNothingAndIsAskedAgain) {
  for (auto answers : {std::vector<std::string>{"220 sink", "250 fine", "451 greylisted"},
                       {"421 too many"},
                       {"220 sink", "250 fine", "250 fine", "250 fine", "354 go on", "452 disk full"}}) {
    Server server(falls_silent(answers));
    auto sent = sent_to(server);
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, Code::unavailable) << to_string(sent.error());
  }
}

TEST(MailOverSmtp, WhoTalksSomethingElseHasNothing) {
  for (auto line : {"HTTP/1.1 400 Bad Request", "199 no", "2x0 no"}) {
    Server server(falls_silent({line}));
    EXPECT_EQ(sent_to(server).error().code, Code::unavailable);
  }
}

TEST(Smtp, TakesRepliesOfSeveralLinesOneByOne) {
  std::string heard = "250-one\r\n250-AUTH PLAIN\r\n250 three\r\n354";
  auto reply = next_reply(heard);
  ASSERT_TRUE(reply && *reply);
  EXPECT_EQ((*reply)->code, 250);
  EXPECT_EQ((*reply)->text, "one\nAUTH PLAIN\nthree");
  reply = next_reply(heard);
  ASSERT_TRUE(reply);
  EXPECT_FALSE(*reply) << "its end has not come";
  EXPECT_EQ(heard, "354");
}

TEST(Smtp, DoublesDotsAtTheBeginningOfLinesAndEndsWithOne) {
  EXPECT_EQ(dotted(".a\r\nb.\r\n..c\r\n"), "..a\r\nb.\r\n...c\r\n.\r\n");
  EXPECT_EQ(dotted("a"), "a\r\n.\r\n");
}

TEST(MailOverSmtp, WhatBreaksOffMayHaveBeenTaken) {
  Server server([](Server::tcp::socket& socket) {
    std::string heard;
    for (auto line : {"220 sink", "250 fine", "250 fine", "250 fine", "354 go on"}) {
      asio::write(socket, asio::buffer(line + std::string("\r\n")));
      asio::read_until(socket, asio::dynamic_buffer(heard), "\r\n");
      heard.clear();
    }
  });
  auto sent = sent_to(server);
  ASSERT_FALSE(sent);
  EXPECT_NE(sent.error().code, Code::unavailable);
  EXPECT_NE(sent.error().code, Code::refused) << to_string(sent.error());
}

// RFC 4231, test case 2.
TEST(Webhook, IsSignedByTheStandard) {
  EXPECT_EQ(hmac_sha256("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Webhook, GetsTheBodyItsSignatureAndItsId) {
  std::string head;
  Server server([&](Server::tcp::socket& socket) {
    head = head_from(socket);
    asio::write(socket, asio::buffer(std::string("HTTP/1.1 204 X\r\n\r\n")));
  });
  Secrets secrets;
  ::setenv("DAVY_TEST_HOOK", server.url("/secret-path").c_str(), 1);
  ::setenv("DAVY_TEST_KEY", "Jefe", 1);
  secrets.add_environment({"DAVY_TEST_HOOK", "DAVY_TEST_KEY"});
  Http http;
  Hooks hooks(http, secrets);
  auto posted = carried_out(hooks.post({.url = "$DAVY_TEST_HOOK",
                                        .sign = "$DAVY_TEST_KEY",
                                        .body = "what do ya want for nothing?",
                                        .id = "r1.7.a.webhook"}));
  ASSERT_TRUE(posted) << to_string(posted.error());
  EXPECT_THAT(head, HasSubstr("POST /secret-path"));
  EXPECT_THAT(head, HasSubstr("Davy-Notice: r1.7.a.webhook"));
  EXPECT_THAT(head,
              HasSubstr("Davy-Signature: sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
}

TEST(Webhook, ThatSaysNoIsRefusedAndItsAddressIsNotShown) {
  Server server(says("HTTP/1.1 403 X\r\nContent-Length: 0\r\n\r\n"));
  Secrets secrets;
  ::setenv("DAVY_TEST_HOOK", server.url("/secret-path").c_str(), 1);
  secrets.add_environment({"DAVY_TEST_HOOK"});
  Http http;
  Hooks hooks(http, secrets);
  auto posted = carried_out(hooks.post({.url = "$DAVY_TEST_HOOK", .body = "{}"}));
  ASSERT_FALSE(posted);
  EXPECT_EQ(posted.error().code, Code::refused);
  EXPECT_THAT(posted.error().message, Not(HasSubstr("secret-path")));
}

TEST(Webhook, ThatAnswersNotNowOrFailsIsTriedOn) {
  Http http;
  Secrets secrets;
  Hooks hooks(http, secrets);
  for (auto [answer, means] : {std::pair("429 X", Code::unavailable), std::pair("503 X", Code::invalid)}) {
    Server server(says(std::string("HTTP/1.1 ") + answer + "\r\nContent-Length: 0\r\n\r\n"));
    auto posted = carried_out(hooks.post({.url = server.url(), .body = "{}"}));
    ASSERT_FALSE(posted);
    EXPECT_EQ(posted.error().code, means) << answer;
  }
}

TEST(Saying, HasItsTextOnStandardInputAndItsNamesInTheEnvironment) {
  Scratch scratch;
  Sayings sayings;
  auto said = carried_out(sayings.say({.line = "{ cat; echo \"$what\"; } >heard",
                                       .text = "hello\n",
                                       .env = {{"what", "done"}},
                                       .cwd = scratch.path()}));
  ASSERT_TRUE(said) << to_string(said.error());
  EXPECT_EQ(slurp(scratch / "heard"), "hello\ndone\n");
}

TEST(Saying, ThatFailsIsRefusedAndOneThatHangsIsEnded) {
  Sayings sayings;
  EXPECT_EQ(carried_out(sayings.say({.line = "exit 3"})).error().code, Code::refused);
  EXPECT_EQ(carried_out(sayings.say({.line = "exit 75"})).error().code, Code::unavailable);
  auto hung = carried_out(sayings.say({.line = "sleep 1000 & wait", .timeout = 200ms}));
  EXPECT_EQ(hung.error().code, Code::timed_out);
}

}  // namespace
}  // namespace davy::io
