#include "ports/masked.h"

#include <gtest/gtest.h>

namespace davy::ports {
namespace {

struct Hides : SecretLook {
  Result<SecretState> look(const SecretRef&, const std::vector<std::string>&) override { return SecretState{}; }
  std::string masked(const std::string& text) override {
    auto out = text;
    for (auto at = out.find("hunter2"); at != out.npos; at = out.find("hunter2")) out.replace(at, 7, "[PASSWORD]");
    return out;
  }
};

TEST(Masked, EveryTextOfWhatAProbeSaw) {
  Hides hides;
  auto inner = spec::object({{"X-Key", {}, spec::text("hunter2")}});
  Observation seen{
      .says = "200, and hunter2",
      .numbers = {{"status", 200}},
      .words = {{"value", "hunter2"}, {"header.x-echo", "a hunter2 b"}},
      .evidence = spec::object({{"body", {}, spec::array({inner, spec::text("hunter2"), spec::number(7)})}})};
  mask(seen, hides);
  EXPECT_EQ(seen.says, "200, and [PASSWORD]");
  EXPECT_EQ(seen.words["value"], "[PASSWORD]");
  EXPECT_EQ(seen.words["header.x-echo"], "a [PASSWORD] b");
  EXPECT_EQ(spec::to_json(seen.evidence).dump(), R"({"body":[{"X-Key":"[PASSWORD]"},"[PASSWORD]",7]})");
  EXPECT_EQ(seen.numbers["status"], 200);
  auto error = masked({Code::invalid, "no hunter2 here", "not hunter2"}, hides);
  EXPECT_EQ(error.message + error.hint, "no [PASSWORD] herenot [PASSWORD]");
}

}  // namespace
}  // namespace davy::ports
