#include "plan/words/render.h"

#include <gtest/gtest.h>

namespace davy::plan {
namespace {

std::string shown(std::string_view text, spec::Mark at, bool colour = false) {
  spec::Diagnostics d;
  d.add(at, "this", "that", "those");
  return render(d, text, "davy.yaml", colour);
}

TEST(Rendering, ShowsTheLineAndACaret) {
  EXPECT_EQ(shown("a: 1\nb: 2\n", {2, 4}),
            "davy.yaml:2:4: error: this; expected that; did you mean `those`?\n  b: 2\n     ^\n");
}

TEST(Rendering, ColoursWhenAsked) {
  EXPECT_EQ(shown("a: 1\n", {1, 1}, true),
            "\x1b[1mdavy.yaml:1:1:\x1b[0m \x1b[1;31merror:\x1b[0m \x1b[1mthis; expected that; did you mean "
            "`those`?\x1b[0m\n  a: 1\n  \x1b[1;32m^\x1b[0m\n");
}

TEST(Rendering, CutsALongLineAroundTheCaret) {
  auto out = shown(std::string(500, 'x') + "Y" + std::string(500, 'z'), {1, 501});
  auto caret = out.find('^') - out.rfind('\n', out.find('^'));
  auto line = out.find('Y') - out.rfind('\n', out.find('Y'));
  EXPECT_EQ(caret + 2, line) << "the ellipsis is three bytes and one column\n" << out;
  EXPECT_LT(out.size(), 400u);
}

TEST(Rendering, ShowsHostileTextAsEscapes) {
  EXPECT_EQ(shown("a: \x1b[2J\xff\x07 b", {1, 12}).find('\x1b'), std::string::npos);
  EXPECT_EQ(shown("a\tb: c", {1, 3}),
            "davy.yaml:1:3: error: this; expected that; did you mean `those`?\n  a b: c\n    ^\n");
}

TEST(Rendering, CountsSeveralAndSurvivesPlacesOutside) {
  spec::Diagnostics d;
  d.add({9, 9}, "one");
  d.add({1, 99}, "two");
  EXPECT_EQ(render(d, "ab", "f", false), "f:1:99: error: two\n  ab\n    ^\nf:9:9: error: one\n2 mistakes\n");
}

}  // namespace
}  // namespace davy::plan
