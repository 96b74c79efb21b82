#include "signals/metrics/selector.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "base/text.h"

namespace davy::signals {
namespace {

using Kind = Matcher::Kind;

constexpr std::size_t kMostMatchers = 32, kLargestProgram = 1 << 20;  // bytes a pattern may compile to

bool name_byte(char c, bool first, bool colon) {
  bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (colon && c == ':');
  return letter || (!first && c >= '0' && c <= '9');
}

struct Text {
  std::string_view whole;
  std::size_t at = 0;
  void blanks() {
    while (at < whole.size() && (whole[at] == ' ' || whole[at] == '\t')) ++at;
  }
  bool take(std::string_view word) { return whole.substr(at).starts_with(word) && (at += word.size(), true); }
  std::string name(bool colon) {
    auto from = at;
    while (at < whole.size() && name_byte(whole[at], at == from, colon)) ++at;
    return std::string(whole.substr(from, at - from));
  }
  std::unexpected<Error> wrong(std::string_view expected) const {
    return fail(Code::invalid,
                fmt::format("`{}`: expected {} at byte {}", printable(whole.substr(0, 200)), expected, at + 1),
                "such as http_requests_total{status=~\"5..\"}");
  }
};

bool value(Text& t, std::string& out) {
  char quote = t.at < t.whole.size() ? t.whole[t.at] : 0;
  if (quote != '"' && quote != '\'') return false;
  for (++t.at; t.at < t.whole.size(); ++t.at) {
    char c = t.whole[t.at];
    if (c == quote) return ++t.at, true;
    if (c == '\\' && t.at + 1 < t.whole.size()) {
      c = t.whole[++t.at];
      if (c == 'n')
        c = '\n';
      else if (c != '\\' && c != '"' && c != '\'')
        out += '\\';  // `\d` of a pattern
    }
    out += c;
  }
  return false;
}

Result<Matcher> matcher(Text& t) {
  Matcher out{.label = t.name(false)};
  if (out.label.empty()) return t.wrong("a label's name");
  t.blanks();
  if (t.take("=~"))
    out.kind = Kind::like;
  else if (t.take("!~"))
    out.kind = Kind::unlike;
  else if (t.take("!="))
    out.kind = Kind::not_equal;
  else if (!t.take("="))
    return t.wrong("=, !=, =~ or !~");
  t.blanks();
  if (!value(t, out.value)) return t.wrong("a value in quotes");
  if (out.kind != Kind::like && out.kind != Kind::unlike) return out;
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kLargestProgram);
  auto pattern = std::make_shared<const re2::RE2>(out.value, options);
  if (!pattern->ok())
    return fail(Code::invalid, fmt::format("the pattern `{}`: {}", printable(out.value), pattern->error()));
  out.pattern = std::move(pattern);
  return out;
}

}  // namespace

bool Matcher::matches(std::string_view seen) const {
  switch (kind) {
    case Kind::equal:
      return seen == value;
    case Kind::not_equal:
      return seen != value;
    case Kind::like:
      return re2::RE2::FullMatch(re2::StringPiece(seen.data(), seen.size()), *pattern);
    case Kind::unlike:
      return !re2::RE2::FullMatch(re2::StringPiece(seen.data(), seen.size()), *pattern);
  }
  return false;
}

bool Selector::matches_labels(const Sample& s) const {
  return std::ranges::all_of(matchers, [&](auto& m) { return m.matches(s.find(m.label)); });
}

Result<Selector> parse_selector(std::string_view text) {
  Text t{trimmed(text)};
  Selector out{.text = std::string(t.whole), .name = t.name(true), .matchers = {}};
  if (out.name.empty()) return t.wrong("the name of a metric");
  t.blanks();
  if (t.take("{")) {
    for (t.blanks(); !t.take("}"); t.blanks()) {
      if (out.matchers.size() == kMostMatchers) return t.wrong(fmt::format("at most {} labels", kMostMatchers));
      auto one = matcher(t);
      if (!one) return std::unexpected(one.error());
      out.matchers.push_back(std::move(*one));
      t.blanks();
      if (!t.take(",") && !t.whole.substr(t.at).starts_with('}')) return t.wrong("`,` or `}`");
    }
    t.blanks();
  }
  if (t.at != t.whole.size()) return t.wrong("`{` or the end");
  return out;
}

Selector renamed(const Selector& from, std::string name) {
  Selector out = from;
  out.name = std::move(name);
  return out;
}

}  // namespace davy::signals
