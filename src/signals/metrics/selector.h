// Which samples of a page are meant: `http_requests_total{job="shop",code=~"5.."}`, as in PromQL. Patterns are RE2's
// and match the whole value.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "signals/metrics/exposition.h"

namespace re2 {
class RE2;
}

namespace davy::signals {

struct Matcher {
  enum class Kind { equal, not_equal, like, unlike };
  Kind kind = Kind::equal;
  std::string label, value;
  std::shared_ptr<const re2::RE2> pattern;
  bool matches(std::string_view) const;
};

struct Selector {
  std::string text;  // as written
  std::string name;
  std::vector<Matcher> matchers;
  bool matches_labels(const Sample&) const;
  bool matches(const Sample& s) const { return s.name == name && matches_labels(s); }
  bool operator==(const Selector& other) const { return text == other.text; }
};

// Code::invalid says where it stops making sense.
Result<Selector> parse_selector(std::string_view);

// The same labels, another metric: how the parts of a histogram are reached.
Selector renamed(const Selector&, std::string name);

}  // namespace davy::signals
