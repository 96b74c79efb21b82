// What of a line names its release: a key of JSON or key=value, or a regular expression with one group.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace re2 {
class RE2;
}

namespace davy::signals {

class LineLabel {
 public:
  // Nothing: every line's label is "". Invalid: no regular expression, or one without its group. `option` is whose
  // value it is.
  static Result<LineLabel> of(const std::string& text, const std::string& option = "release-by");
  LineLabel(LineLabel&&) noexcept;
  LineLabel& operator=(LineLabel&&) noexcept;
  ~LineLabel();

  bool any() const { return !text_.empty(); }
  std::string in(std::string_view line) const;  // at most 200 bytes; "" where there is none

 private:
  explicit LineLabel(std::string text);
  std::string text_;
  std::unique_ptr<re2::RE2> expression_;  // none: a key
};

}  // namespace davy::signals
