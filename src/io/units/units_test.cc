// What can be seen without a systemd: texts, files, and buses that are hostile or not there. The port's contract is
// kept by a real systemd in tests/systemd.
#include "io/units/units.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>

#include "io/io_testing.h"
#include "io/units/gift_text.h"

namespace davy::io {
namespace {

using namespace std::string_literals;
using ports::Manager;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(GiftText, AValueStandsForItself) {
  EXPECT_EQ(environment_line("A", "plain # ; text "), "A=\"plain # ; text \"\n");
  EXPECT_EQ(environment_line("A", "a\"b\\c`d$e"), "A=\"a\\\"b\\\\c\\`d\\$e\"\n");
  EXPECT_EQ(environment_line("_a1", "two\nlines"), "_a1=\"two\nlines\"\n");
  EXPECT_EQ(environment_line("A", "Grüße 🚀"), "A=\"Grüße 🚀\"\n");
}

TEST(GiftText, WhatSystemdWouldLeaveOutIsRefusedWithoutItsValue) {
  for (auto name : {"", "1A", "a-b", "a b", "a=b", "ä"}) EXPECT_FALSE(environment_line(name, "x")) << name;
  const std::string kBad[] = {"secret\xff",
                              "secret\xc3",
                              "secret\xc0\x80",
                              "secret\xed\xa0\x80",
                              "secret\xf4\x90\x80\x80",
                              std::string("secret\0", 7)};
  for (auto& value : kBad) {
    auto line = environment_line("TOKEN", value);
    ASSERT_FALSE(line);
    EXPECT_THAT(to_string(line.error()), Not(HasSubstr("secret")));
  }
}

TEST(GiftText, TheNoteComesBackAndOthersHaveNone) {
  auto text = drop_in_text(R"({"release":"shop@3~r"})", "/etc/systemd/system/a%i.d/90-davy.env");
  EXPECT_EQ(note_in(text), R"({"release":"shop@3~r"})");
  EXPECT_THAT(text, HasSubstr("\nEnvironmentFile=/etc/systemd/system/a%%i.d/90-davy.env\n"));
  EXPECT_THAT(text, Not(HasSubstr("WorkingDirectory")));
  auto in_folder = drop_in_text("n", "/x", "/srv/50%/folders/2~r");
  EXPECT_THAT(in_folder, HasSubstr("\nWorkingDirectory=/srv/50%%/folders/2~r\n"));
  EXPECT_LT(in_folder.find("WorkingDirectory"), in_folder.find("[X-Davy]"));
  EXPECT_EQ(note_in("[Service]\nNote=no\n"), std::nullopt);
  EXPECT_EQ(note_in(""), std::nullopt);
  EXPECT_THAT(*note_in(drop_in_text("a\n[Service]\nExecStart=/bin/false", "/x")), HasSubstr("ExecStart"))
      << "a note is one line, whatever is in it";
}

// Files as a manager would find them, on a machine that lies in a folder.
struct Gifts : ::testing::Test {
  template <class T>
  Result<T> run(ports::Task<T> task) {
    return Going(context, std::move(task)).get();
  }
  Result<> give(const std::string& unit, ports::Gift gift) {
    return run(units.give(Manager::system, unit, std::move(gift)));
  }
  std::vector<ports::Given> given(const std::string& unit) {
    auto all = run(units.given(Manager::system, unit));
    EXPECT_TRUE(all) << all.error().message;
    return all.value_or(std::vector<ports::Given>{});
  }
  std::string at(const std::string& unit) { return scratch / ("etc/systemd/system/" + unit + ".d/"); }

  Scratch scratch;
  asio::io_context context;
  Secrets secrets;
  Units units{secrets, {.bus = "unix:path=" + (scratch / "bus"), .root = scratch.path()}};
};

TEST_F(Gifts, SecretsAreForRootAloneAndNotInTheDropIn) {
  secrets.add("TOKEN", "sesame\"$");
  ASSERT_TRUE(give("shop@1.service", {.note = "n", .variables = {{"port", "1"}}, .secrets = {{"TOKEN", {"TOKEN"}}}}));
  struct stat about{};
  ASSERT_EQ(::stat((at("shop@1.service") + "90-davy.env").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777, 0600u);
  EXPECT_EQ(slurp(at("shop@1.service") + "90-davy.env"), "port=\"1\"\nTOKEN=\"sesame\\\"\\$\"\n");
  EXPECT_THAT(slurp(at("shop@1.service") + "90-davy.conf"), Not(HasSubstr("sesame")));
  EXPECT_EQ(given("shop@1.service").at(0).environment, "/etc/systemd/system/shop@1.service.d/90-davy.env")
      << "as systemd sees it";
}

TEST_F(Gifts, ASecretWithoutAValueWritesNothing) {
  EXPECT_FALSE(give("shop.service", {.note = "n", .secrets = {{"TOKEN", {"TOKEN"}}}}));
  EXPECT_THAT(given("shop.service"), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(at("shop.service")));
}

TEST_F(Gifts, OfATemplateOnlyItsOwnInstances) {
  for (auto unit : {"shop@2.service", "shop@1.service", "shopping@1.service", "shop.service"})
    ASSERT_TRUE(give(unit, {.note = unit}));
  std::filesystem::create_directories(at("shop@3.service"));  // somebody's own drop-ins
  std::ofstream(at("shop@3.service") + "90-davy.conf") << "[Service]\nNice=5\n";
  auto all = given("shop@.service");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].unit, "shop@1.service");
  EXPECT_EQ(all[1].note, "shop@2.service");
}

TEST_F(Gifts, WhatOthersPutBesideItStays) {
  ASSERT_TRUE(give("shop.service", {.note = "n"}));
  std::ofstream(at("shop.service") + "10-own.conf") << "[Service]\n";
  EXPECT_TRUE(run(units.take_back(Manager::system, "shop.service")));
  EXPECT_TRUE(std::filesystem::exists(at("shop.service") + "10-own.conf"));
  EXPECT_FALSE(std::filesystem::exists(at("shop.service") + "90-davy.env"));
  EXPECT_TRUE(run(units.take_back(Manager::system, "nobody.service")));
  EXPECT_THAT(given("shop.service"), IsEmpty());
}

TEST_F(Gifts, ThatItCannotLookIsNotThatThereIsNothing) {
  std::filesystem::create_directories(scratch / "etc/systemd");
  std::ofstream(scratch / "etc/systemd/system") << "no folder";
  EXPECT_FALSE(run(units.given(Manager::system, "shop@.service")));
  EXPECT_FALSE(give("shop.service", {.note = "n"}));
}

// A bus of a test's own: what it does with whoever connects.
struct HostileBus {
  using Socket = asio::local::stream_protocol::socket;
  HostileBus(const std::string& path, std::function<void(Socket&)> does)
      : acceptor(context, path), thread([this, does] {
          Socket socket(context);
          boost::system::error_code error;
          acceptor.accept(socket, error);
          if (!error) does(socket);
        }) {}
  ~HostileBus() {
    boost::system::error_code ignored;
    Socket(context).connect(acceptor.local_endpoint(), ignored);
    thread.join();
  }
  asio::io_context context;
  asio::local::stream_protocol::acceptor acceptor;
  std::thread thread;
};

struct Buses : Gifts {
  std::string path = scratch / "bus";
};

TEST_F(Buses, WhereThereIsNoneNobodyKnows) {
  auto seen = run(units.look(Manager::system, "shop.service"));
  EXPECT_EQ(seen.error().code, Code::unavailable);
  EXPECT_THAT(to_string(seen.error()), HasSubstr("does systemd run on this machine"));
  EXPECT_EQ(run(units.act(Manager::system, ports::UnitAct::start, {"a.service"}, 1s)).error().code, Code::unavailable);
  EXPECT_EQ(run(units.reload(Manager::system)).error().code, Code::unavailable);
  EXPECT_EQ(run(units.kill(Manager::system, "a.service")).error().code, Code::unavailable);
  EXPECT_EQ(run(units.reset_failed(Manager::system, "a.service")).error().code, Code::unavailable);
}

TEST_F(Buses, OneThatLeavesIsNoAnswer) {
  HostileBus bus(path, [](auto& socket) { socket.close(); });
  EXPECT_EQ(run(units.look(Manager::system, "shop.service")).error().code, Code::unavailable);
}

TEST_F(Buses, GarbageIsNoAnswer) {
  HostileBus bus(path, [](auto& socket) {
    boost::system::error_code ignored;
    asio::write(socket, asio::buffer("HTTP/1.1 400 Bad Request\r\nno\r\nbus\r\n\r\n"s), ignored);
    char rest[4096];
    while (socket.read_some(asio::buffer(rest), ignored) > 0) {
    }
  });
  EXPECT_EQ(run(units.look(Manager::system, "shop.service")).error().code, Code::unavailable);
}

// It lets everybody in, and then says so much that nobody can need it.
TEST_F(Buses, MoreThanAnybodyNeedsIsNotRead) {
  constexpr std::size_t kEndless = 512u * 1024 * 1024;
  std::atomic<std::size_t> taken = 0;
  HostileBus bus(path, [&](auto& socket) {
    boost::system::error_code error;
    char some[4096];
    socket.read_some(asio::buffer(some), error);  // AUTH EXTERNAL, and all else at once
    asio::write(socket, asio::buffer(std::string("DATA\r\nOK 0123456789abcdef0123456789abcdef\r\nAGREE_UNIX_FD\r\n")),
                error);
    std::string header("l\1\0\1", 4);  // little endian, a call, version 1; a body of 64 MiB
    header += std::string("\0\0\0\4\1\0\0\0\x10\0\0\0", 12) + std::string("\1\1o\0\1\0\0\0/\0\0\0\0\0\0\0", 16);
    asio::write(socket, asio::buffer(header), error);
    std::string block(64 * 1024, '\0');
    while (!error && taken < kEndless) taken += asio::write(socket, asio::buffer(block), error);
  });
  auto seen = run(units.look(Manager::system, "shop.service"));
  EXPECT_EQ(seen.error().code, Code::unavailable);
  EXPECT_LT(taken, kEndless) << "it was hung up on";
}

TEST_F(Buses, OneThatNeverAnswersCanBeLeft) {
  HostileBus bus(path, [](auto& socket) {
    char some[64];
    boost::system::error_code ignored;
    while (socket.read_some(asio::buffer(some), ignored) > 0) {
    }
  });
  Going look(context, units.look(Manager::system, "shop.service"));
  context.restart(), context.run_for(20ms);
  EXPECT_FALSE(look.done());
  look.cancel();
  EXPECT_EQ(look.get().error().code, Code::cancelled);
}

}  // namespace
}  // namespace davy::io
