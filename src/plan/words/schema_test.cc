#include <gtest/gtest.h>

#include "plan/parse/step_kinds.h"
#include "plan/plan.h"
#include "plan/words/words_testing.h"

namespace davy::plan {
namespace {

// Every key a person can write has a sentence.
void expect_described(const spec::Json& j, const std::string& path) {
  if (j.is_array())
    for (auto& item : j) expect_described(item, path);
  if (!j.is_object()) return;
  for (auto& [key, value] : j.items()) {
    if (key == "properties")
      for (auto& [name, property] : value.items())
        EXPECT_NE(property.value("description", ""), "") << path << "/" << name;
    expect_described(value, path + "/" + key);
  }
}

TEST(Schema, DescribesEveryKey) { expect_described(schema(words::vocabulary()), ""); }

TEST(Schema, IsClosedAndNamesWhatIsRequired) {
  auto s = schema(words::vocabulary());
  EXPECT_EQ(s["$schema"], "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(s["required"], (spec::Json{"davy", "services", "environments", "rollout"}));
  EXPECT_EQ(s["additionalProperties"], false);
}

TEST(Schema, HoldsOneFormForEachStepAndProbe) {
  auto s = schema(words::vocabulary());
  EXPECT_EQ(s["$defs"]["step"]["anyOf"].size(), step_kinds().size() + 1);
  EXPECT_EQ(s["$defs"]["release-step"]["anyOf"].size(), 2u);
  EXPECT_EQ(s["$defs"]["probe"]["anyOf"].size(), 11u) << "six probes, two of people, three of conditions";
}

TEST(Schema, OffersWhatAProbeFinds) {
  auto s = schema(words::vocabulary());
  for (auto& form : s["$defs"]["probe"]["anyOf"])
    if (form["properties"].contains("disk")) {
      auto& expect = form["properties"]["expect"];
      EXPECT_EQ(expect["examples"], (spec::Json{"free > 10 GB", "total > 10 GB", "used < 80%"}));
      EXPECT_NE(expect["description"].get<std::string>().find("`free` (a size): what is free"), std::string::npos);
      return;
    }
  FAIL() << "no disk";
}

TEST(Reference, TellsWhatAProbeFinds) {
  EXPECT_NE(reference(words::vocabulary()).find("| `free` | a size | what is free |"), std::string::npos);
}

TEST(Reference, ShowsEveryKindWithAnExample) {
  auto page = reference(words::vocabulary());
  for (auto& kind : step_kinds()) {
    EXPECT_NE(page.find("### step `" + std::string(kind.name) + "`"), std::string::npos) << kind.name;
    EXPECT_NE(page.find(std::string(kind.example)), std::string::npos) << kind.name;
  }
  for (auto& term : words::vocabulary().terms())
    EXPECT_NE(page.find("### " + term.port + " `" + term.name + "`"), std::string::npos) << term.name;
  EXPECT_EQ(page.find("| value |  |"), std::string::npos) << "a key that nobody can tell the value of";
}

TEST(Reference, HasExamplesThatAreReadWithoutAMistake) {
  for (auto& kind : step_kinds()) {
    spec::Diagnostics d;
    auto parsed = parse(
        "rollout:\n  " +
            [&] {
              std::string indented;
              for (char c : std::string(kind.example)) indented += c == '\n' ? "\n  " : std::string(1, c);
              return indented;
            }() +
            "\n",
        words::vocabulary());
    for (auto& m : parsed.mistakes.sorted())
      EXPECT_TRUE(m.found.starts_with("no ") || m.found.starts_with("unknown name") ||
                  m.found.starts_with("the series") || m.found.contains("does not say whom to tell"))
          << kind.name << ": " << m.found;
  }
}

}  // namespace
}  // namespace davy::plan
