// Any text is a condition or a mistake inside it; what was read reads the same again from its own text.
#include <cstdlib>
#include <fstream>
#include <string_view>

#include "spec/condition.h"

namespace {

void require(bool held) {
  if (!held) std::abort();
}

bool equal(const davy::spec::Condition& a, const davy::spec::Condition& b) {
  return a.text == b.text && a.series == b.series && a.field == b.field && a.op == b.op && a.value == b.value &&
         a.high == b.high && a.word == b.word && a.baseline == b.baseline && a.over == b.over && a.held == b.held;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto parsed = davy::spec::parse_condition(text);
  if (!parsed) {
    require(parsed.error().offset <= size);
    require(!parsed.error().expected.empty() && !parsed.error().found.empty());
    return 0;
  }
  auto again = davy::spec::parse_condition(parsed->text);
  require(again && equal(*parsed, *again));
  require(!parsed->series.empty());
  require(!davy::spec::print(parsed->value).empty());
  (void)davy::spec::compare(parsed->value.value, *parsed);
  return 0;
}
