#include <gtest/gtest.h>

#include "plan/plan.h"
#include "plan/words/later.h"
#include "providers/registry.h"

namespace davy {
namespace {

TEST(LaterWords, AreNoneThatThisDavyKnows) {
  auto registry = providers::all_providers();
  auto sections = plan::schema(registry.vocabulary())["properties"];
  auto steps = plan::schema(registry.vocabulary())["$defs"]["step"].dump();
  for (auto& [port, word, does] : plan::later_words()) {
    EXPECT_FALSE(registry.vocabulary().find(port, word)) << port << " " << word;
    EXPECT_FALSE(port == "plan" && sections.contains(std::string(word))) << word;
    EXPECT_FALSE(port == "step" && steps.contains("\"required\":[\"" + std::string(word) + "\"")) << word;
    EXPECT_FALSE(does.empty() || does.ends_with('.')) << word;
  }
}

}  // namespace
}  // namespace davy
