// What only the real program can show: its exit status, a crash, a fork.
#include <gmock/gmock.h>
#include <spawn.h>
#include <sys/wait.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "running_shop.h"

namespace storefront {
namespace {

std::uint16_t free_port() {
  const int held = *listen_on({});
  const auto port = port_of(held);
  close(held);
  return port;
}

pid_t start(std::vector<std::string> words) {
  words.insert(words.begin(), STOREFRONT_PROGRAM);
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t pid = -1;
  EXPECT_EQ(posix_spawn(&pid, STOREFRONT_PROGRAM, nullptr, nullptr, argv.data(), environ), 0);
  return pid;
}

pid_t start_shop(std::uint16_t port, const std::string& behaviour) {
  return start({"--port", std::to_string(port), "--db", ":memory:", "--settle", "0.05", "--behaviour", behaviour});
}

int exit_status(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

void wait_until_it_answers(std::uint16_t port) {
  while (ask(port, "GET /health").empty()) usleep(5000);
}

TEST(Program, EndsWithZeroOnSigterm) {
  const auto port = free_port();
  const auto pid = start_shop(port, "good");
  wait_until_it_answers(port);
  kill(pid, SIGTERM);
  EXPECT_EQ(exit_status(pid), 0);
}

TEST(Program, CrashesOnlyOnceItHasUsers) {
  const auto port = free_port();
  const auto pid = start_shop(port, "crash-after=1ms");
  wait_until_it_answers(port);
  EXPECT_EQ(waitpid(pid, nullptr, WNOHANG), 0);
  ask(port, "GET /");
  EXPECT_EQ(exit_status(pid), 70);
}

TEST(Program, ThatForksLeavesItsParentAndServes) {
  const auto port = free_port();
  EXPECT_EQ(exit_status(start_shop(port, "fork")), 0);
  wait_until_it_answers(port);
  const auto answer = ask(port, "GET /health/advanced");
  const auto body = nlohmann::json::parse(answer.substr(answer.find("\r\n\r\n")));
  kill(body.at("checks").at("service").at("pid").get<pid_t>(), SIGTERM);
}

TEST(Program, RefusesWhatItDoesNotUnderstand) {
  EXPECT_EQ(exit_status(start({"--port", "1", "--behaviour", "fial=3%"})), 2);
  EXPECT_EQ(exit_status(start({"--port", "1", "--version", "a\r\nb"})), 2);
  EXPECT_EQ(exit_status(start({"--port", "1", "--frobnicate"})), 2);
  EXPECT_EQ(exit_status(start({"--port", std::to_string(free_port()), "--db", "/nonexistent/shop.db"})), 1);
}

}  // namespace
}  // namespace storefront
