// Patterns: whatever Hyperscan counts on blocks is what RE2 counts line by line; patterns that are none are an Error.
// Templates: any lines are learnt, within bounds, twice the same; what is written is read back. The first byte chooses;
// for patterns the first line is one of the user's own.
#include <cstdlib>
#include <vector>

#include "signals/words/patterns.h"
#include "signals/words/templates.h"

namespace {

using namespace davy::signals;

void require(bool held) {
  if (!held) std::abort();
}

template <class F>
void each_line(std::string_view text, F&& f) {
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    f(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// \S and its like differ in the vertical tab between the two engines: such lines are left out.
void patterns(std::string_view own, std::string_view lines) {
  if (own.size() > 100 || lines.contains('\v')) return;
  std::vector<NamedPattern> all = {{"OWN", std::string(own)}, {"ERROR", "\\bERROR\\b"}};  // the usual ones take long
  auto fast = Patterns::of(all), slow = Patterns::of(all, Patterns::How::by_line);
  require(fast.has_value() == slow.has_value());
  if (!fast) return;
  std::vector<std::uint64_t> a(all.size()), b(all.size());
  fast->count(lines, a), slow->count(lines, b);
  require(a == b);
}

void templates(std::string_view text) {
  Templates one(50), two(50);
  each_line(text, [&](std::string_view line) {
    (void)field_of(line, "level");
    auto entry = entry_of(line);
    if (!entry) return;
    require(!entry->tokens.empty() && entry->tokens.size() <= 40);
    require(one.learn(*entry).id == two.learn(*entry).id);
    require(one.find(*entry) && one.size() <= 57);
  });
  auto written = one.write();
  require(written == two.write());
  auto back = Templates::read(written, 100);
  require(back && back->write() == written);
  (void)Templates::read(text, 50);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  if (data[0] % 2) {
    templates(text);
  } else {
    auto end = std::min(text.find('\n'), text.size());
    patterns(text.substr(0, end), text.substr(std::min(end + 1, text.size())));
  }
  return 0;
}
