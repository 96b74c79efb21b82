#include "io/guard/proof.h"

#include <fmt/format.h>
#include <regex.h>

#include <memory>
#include <optional>

#include "base/text.h"

namespace davy::io {
namespace {

class Expression {
 public:
  explicit Expression(const std::string& text)
      : good_(::regcomp(&compiled_, text.c_str(), REG_EXTENDED | REG_NEWLINE | REG_NOSUB) == 0) {}
  ~Expression() {
    if (good_) ::regfree(&compiled_);
  }
  Expression(const Expression&) = delete;
  Expression& operator=(const Expression&) = delete;
  bool good() const { return good_; }
  enum class Look { found, nothing, failed };  // failed: also when there was no memory for it
  Look look(const std::string& in) const {
    int error = good_ ? ::regexec(&compiled_, in.c_str(), 0, nullptr, 0) : REG_ESPACE;
    return error == 0 ? Look::found : error == REG_NOMATCH ? Look::nothing : Look::failed;
  }

 private:
  regex_t compiled_{};
  bool good_;
};

std::string seen(const std::string& answer) {
  auto text = trimmed(answer);
  return text.empty() ? "the answer is empty" : fmt::format("it answers `{}`", printable(text.substr(0, 160)));
}

}  // namespace

Result<> check_proof(const std::vector<std::string>& expect, const std::vector<std::string>& lacks) {
  if (expect.empty()) return fail(Code::invalid, "its proof expects nothing, and would always hold");
  for (const auto* list : {&expect, &lacks})
    for (const auto& text : *list)
      if (!Expression(text).good())
        return fail(Code::invalid, fmt::format("its proof has `{}`, which is no expression", text));
  return {};
}

Result<> holds(const std::string& answer, const std::vector<std::string>& expect,
               const std::vector<std::string>& lacks) {
  using Look = Expression::Look;
  if (answer.contains('\0')) return fail(Code::unavailable, "its proof answers with a zero byte");
  for (const auto& text : expect)
    if (Expression(text).look(answer) != Look::found)
      return fail(Code::unavailable, fmt::format("its proof lacks `{}`: {}", text, seen(answer)));
  for (const auto& text : lacks)
    if (Expression(text).look(answer) != Look::nothing)
      return fail(Code::unavailable, fmt::format("its proof still shows `{}`: {}", text, seen(answer)));
  return {};
}

}  // namespace davy::io
