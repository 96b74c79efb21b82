#include "signals/words/line_label.h"

#include <re2/re2.h>

#include "base/text.h"
#include "signals/words/app_line.h"

namespace davy::signals {
namespace {

constexpr std::size_t kLongest = 200;

bool is_expression(std::string_view text) { return text.find_first_of("(\\[") != text.npos; }

}  // namespace

LineLabel::LineLabel(std::string text) : text_(std::move(text)) {}
LineLabel::LineLabel(LineLabel&&) noexcept = default;
LineLabel& LineLabel::operator=(LineLabel&&) noexcept = default;
LineLabel::~LineLabel() = default;

Result<LineLabel> LineLabel::of(const std::string& text, const std::string& option) {
  LineLabel out(text);
  if (!is_expression(text)) return out;
  re2::RE2::Options options;
  options.set_encoding(re2::RE2::Options::EncodingLatin1);  // logs hold any bytes
  options.set_log_errors(false);
  out.expression_ = std::make_unique<re2::RE2>(text, options);
  if (!out.expression_->ok())
    return fail(Code::invalid, option + ": " + printable(out.expression_->error()), "regular expressions are RE2's");
  if (out.expression_->NumberOfCapturingGroups() != 1)
    return fail(Code::invalid, option + " " + printable(text) + ": one group must be the release",
                "such as `release=([^ ]+)`, or the name of a field");
  return out;
}

std::string LineLabel::in(std::string_view line) const {
  std::string out;
  if (expression_)
    re2::RE2::PartialMatch({line.data(), line.size()}, *expression_, &out);
  else if (any())
    out = field_of(line, text_);
  if (out.size() > kLongest) out.resize(kLongest);
  return out;
}

}  // namespace davy::signals
