#include "engine/run/routed.h"

#include <gmock/gmock.h>

namespace davy::engine {
namespace {

using ::testing::ElementsAre;

ports::Endpoint runs(std::string release, std::string address) {
  return {.release = std::move(release), .address = std::move(address), .alive = true};
}
ports::Served served(std::string release, std::string address, int weight) {
  return {.server = "davy1", .address = std::move(address), .release = std::move(release), .weight = weight};
}
std::vector<std::string> addresses(const Routed& table) {
  std::vector<std::string> out;
  for (auto& one : table) out.push_back(one.address + "=" + std::to_string(one.weight));
  return out;
}

TEST(Routed, AnInstanceThatWasStartedAnewStandsInThePlaceOfTheOneThatIsGone) {
  Routed then{served("shop@1", ":1", 100), served("shop@1", ":2", 50), served("shop@2", ":3", 0)};
  EXPECT_THAT(addresses(where_they_are_now(then, {runs("shop@1", ":1"), runs("shop@1", ":9"), runs("shop@2", ":3")})),
              ElementsAre(":1=100", ":9=50", ":3=0"));
  EXPECT_THAT(addresses(where_they_are_now(then, {runs("shop@1", ":1"), runs("shop@2", ":8")})),
              ElementsAre(":1=100", ":2=50", ":8=0"))
      << "of another release nobody stands there";
}

}  // namespace
}  // namespace davy::engine
