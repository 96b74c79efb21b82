#include "signals/systems/container_stats.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace davy::signals {
namespace {
using namespace std::chrono_literals;

// As Docker Engine 24 answers, without what nobody reads.
std::string described(int restarts, std::string_view started, std::string_view status = "running",
                      std::string_view id = "4fa6") {
  return fmt::format(R"({{"Id":"{}","RestartCount":{},"State":{{"Status":"{}","OOMKilled":false,"ExitCode":0,
    "StartedAt":"{}","Health":{{"Status":"healthy","FailingStreak":0}}}},
    "Config":{{"Labels":{{"org.opencontainers.image.version":"1.4"}}}}}})",
                     id, restarts, status, started);
}
std::string stats(double cpu_seconds) {
  return fmt::format(R"({{"pids_stats":{{"current":7}},"cpu_stats":{{"cpu_usage":{{"total_usage":{}}},"online_cpus":2}},
    "memory_stats":{{"usage":300000000,"limit":1000000000,"stats":{{"inactive_file":100000000}}}}}})",
                     static_cast<std::uint64_t>(cpu_seconds * 1e9));
}

struct Looks {
  ContainerAccount account;
  Time now = Time(1h);
  judge::Window look(const std::string& json, const std::string& figures) {
    auto state = parse_container(json, "");
    EXPECT_TRUE(state);
    auto from = std::exchange(now, now + 10s);
    auto out = account.look(*state, figures, from, now);
    EXPECT_TRUE(out) << out.error().message;
    return out.value_or(judge::Window{});
  }
};

TEST(Container, GivesStateMemoryAndCpu) {
  Looks looks;
  auto w = looks.look(described(0, "a"), stats(5));
  EXPECT_EQ(w.states[""][""], "running");
  EXPECT_EQ(w.states["health"][""], "healthy");
  EXPECT_EQ(w.numbers["memory"][""], 2e8) << "without the cache";
  EXPECT_EQ(w.numbers["memory_share"][""], 0.2);
  EXPECT_EQ(w.numbers["processes"][""], 7);
  EXPECT_FALSE(w.numbers.contains("cpu")) << "it needs two looks";
  EXPECT_DOUBLE_EQ(looks.look(described(0, "a"), stats(20)).numbers["cpu"][""], 1.5);
}

TEST(Container, CountsEveryKindOfRestart) {
  Looks looks;
  EXPECT_EQ(looks.look(described(3, "a"), stats(5)).numbers["restarts"][""], 0) << "what was before is not counted";
  EXPECT_EQ(looks.look(described(5, "b"), stats(1)).numbers["restarts"][""], 2) << "by the policy";
  EXPECT_EQ(looks.look(described(5, "c"), stats(1)).numbers["restarts"][""], 3) << "by hand";
  EXPECT_EQ(looks.look(described(0, "d", "running", "77b0"), stats(1)).numbers["restarts"][""], 4) << "another one";
  auto w = looks.look(described(0, "d", "exited", "77b0"), "");
  EXPECT_EQ(w.states[""][""], "exited");
  EXPECT_FALSE(w.numbers.contains("memory"));
}

TEST(Container, ItsLabelMayNameTheRelease) {
  auto state = parse_container(described(0, "a"), "org.opencontainers.image.version");
  ASSERT_TRUE(state);
  EXPECT_EQ(state->label, "1.4");
  ContainerAccount account;
  EXPECT_EQ(account.look(*state, stats(1), Time(1h), Time(1h))->numbers["memory"]["1.4"], 2e8);
}

TEST(Container, GarbageIsAnErrorAndNoNumber) {
  for (auto text : {"", "[]", "null", R"({"message":"No such container"})", R"({"State":[]})", R"({"State":{}})"})
    EXPECT_FALSE(parse_container(text, "")) << text;
  ContainerAccount account;
  auto state = *parse_container(described(0, "a"), "");
  EXPECT_FALSE(account.look(state, "oops", Time(1h), Time(2h)));
  auto strange = account.look(state, R"({"memory_stats":{"usage":-5,"limit":"x"},"pids_stats":3})", Time(1h), Time(2h));
  ASSERT_TRUE(strange);
  EXPECT_FALSE(strange->numbers.contains("memory"));
}

}  // namespace
}  // namespace davy::signals
