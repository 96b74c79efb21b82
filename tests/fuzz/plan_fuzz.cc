// Any text is a plan or a list of mistakes, each with a place in it; rendering them shows no control character.
#include <algorithm>
#include <cstdlib>

#include "plan/plan.h"
#include "plan/words/render.h"
#include "plan/words/words_testing.h"

namespace {

void require(bool held) {
  if (!held) std::abort();
}

bool harmless(unsigned char c) { return (c >= 0x20 && c != 0x7f) || c == '\n'; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto parsed = davy::plan::parse(text, davy::plan::words::vocabulary());
  auto lines = 1 + std::ranges::count(text, '\n');
  for (auto& mistake : parsed.mistakes.sorted()) {
    require(mistake.at.line >= 1 && mistake.at.line <= lines);
    require(mistake.at.column >= 1 && !mistake.found.empty());
  }
  auto shown = davy::plan::render(parsed.mistakes, text, "davy.yaml", false);
  require(std::ranges::all_of(shown, harmless));
  if (parsed.mistakes.empty()) require(!parsed.plan.services.empty() && !parsed.plan.rollout.empty());
  return 0;
}
