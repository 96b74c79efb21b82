#include "plan/yaml/yaml_hints.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "plan/yaml/yaml_text.h"

namespace davy::plan {
namespace {

// The line of a mistake, and the value in it that holds the mistake.
struct Line {
  std::string_view text;
  std::size_t begins = 0;  // offset in the whole
  std::size_t column = 0;  // of the mistake
  std::size_t value = 0;   // where its value begins: behind the last `: ` or `- ` before the mistake

  std::string_view shown() const { return text.substr(value, std::max<std::size_t>(column - value, 1)); }
};

std::size_t value_start(std::string_view line, std::size_t column) {
  std::size_t at = std::min(line.find_first_not_of(' '), line.size());
  while (line.substr(at).starts_with("- ")) at = std::min(line.find_first_not_of(' ', at + 1), line.size());
  for (auto i = at; i + 1 < line.size() && i < column; ++i)
    if (line[i] == ':' && line[i + 1] == ' ') {
      auto next = std::min(line.find_first_not_of(' ', i + 1), line.size());
      return next <= column ? next : at;
    }
  return at;
}

Line line_at(const YAML::Mark& mark, std::string_view text) {
  Line out;
  for (int line = 0; line < mark.line && out.begins < text.size(); ++line)
    out.begins = std::min(text.find('\n', out.begins), text.size() - 1) + 1;
  out.text = text.substr(out.begins, text.find('\n', out.begins) - out.begins);
  if (out.text.ends_with('\r')) out.text.remove_suffix(1);
  out.column = std::min(out.text.size(), static_cast<std::size_t>(std::max(mark.column, 0)));
  out.value = value_start(out.text, out.column);
  return out;
}

bool whole(std::string_view value) {
  auto opened = std::ranges::count_if(value, [](char c) { return c == '{' || c == '['; });
  auto closed = std::ranges::count_if(value, [](char c) { return c == '}' || c == ']'; });
  return opened == closed && !trimmed(value).ends_with(',');
}

// The words of YAML's parser that a person would not connect with what they wrote.
constexpr std::pair<std::string_view, std::string_view> kGeneral[] = {
    {"illegal EOF in scalar", "the quote that closes the text"},
    {"illegal block entry", "a list on lines of its own, or in [ ]"},
    {"illegal flow end", "quotes around a text that begins with `]` or `}`"},
    {"end of sequence flow not found", "`]` at the end of the list, and commas between"},
    {"end of map flow not found", "`}` at the end of the map, and commas between"},
    {"end of map not found", "a key at the same indentation as the keys above it"},
    {"end of sequence not found", "`-` at the same indentation as above, or keys indented under it"},
    {"illegal map value", "`key: value`, one on a line, a space after the colon, equally indented"}};

std::string general(const std::string& message) {
  for (auto [theirs, ours] : kGeneral)
    if (message == theirs) return std::string(ours);
  return "YAML: " + message;
}

class Explainer {
 public:
  Explainer(const YAML::Exception& e, std::string_view text)
      : message_(e.msg), at_{e.mark.line + 1, e.mark.column + 1}, line_(line_at(e.mark, text)) {
    if (e.mark.is_null()) at_ = {1, 1};
  }

  Hint hint() const {
    if (auto found = begins_block_text()) return *found;
    if (auto found = begins_with_sign()) return *found;
    if (auto found = braces_in_flow()) return *found;
    if (auto found = question_mark_in_flow()) return *found;
    if (auto found = text_after_quotes()) return *found;
    if (auto found = colon_in_text()) return *found;
    auto rest = trimmed(line_.text.substr(line_.column));
    auto what = rest.empty() ? std::string("the end") : ticked(rest);
    return {at_, what + " where YAML does not allow it", general(message_), {}};
  }

 private:
  // Values inside { } share their line with others: the whole of the outermost one is left out. One that goes on in the
  // next line cannot be: what remained of it would only lead to mistakes that nobody made.
  Hint with_value(std::string found, std::string expected, std::size_t column) const {
    auto mark = at_;
    mark.column = static_cast<int>(column) + 1;
    Hint out{mark, std::move(found), std::move(expected), {}};
    if (whole(line_.text.substr(line_.value))) out.value_at = line_.begins + line_.value;
    return out;
  }
  bool flow() const {
    auto value = line_.text.substr(line_.value);
    return value.starts_with('{') || value.starts_with('[');
  }

  std::optional<Hint> begins_block_text() const {
    if (message_ != "unexpected character in block scalar") return {};
    auto from = line_.text.find_first_of("|>", line_.value);
    if (from == line_.text.npos) return {};
    auto found = ticked(line_.text.substr(from)) + ", which begins a block of text in YAML";
    if (line_.text[from] == '|') return with_value(found, "the text on the following lines, or without `|`", from);
    return with_value(found, "a condition that begins with a name, such as `expect: free > 10 GB`", from);
  }

  std::optional<Hint> begins_with_sign() const {
    auto c = line_.column < line_.text.size() ? line_.text[line_.column] : ' ';
    auto kind = message_ == "unknown token" ? "a sign that YAML reserves"
                : c == '*'                  ? "which is an alias in YAML"
                : c == '&'                  ? "which is an anchor in YAML"
                : c == '!'                  ? "which is a tag in YAML"
                                            : "";
    if (!std::string_view("%@`*&!").contains(c) || *kind == 0) return {};
    return with_value(
        "a value that begins with " + (c == '`' ? std::string("a backtick") : ticked({&c, 1})) + ", " + kind,
        "the text in quotes", line_.column);
  }

  std::optional<Hint> braces_in_flow() const {
    auto braces = line_.text.find("${", line_.value);
    if (!flow() || !message_.contains("flow not found") || braces == line_.text.npos) return {};
    if (braces > line_.column) return {};
    return with_value("`${` inside { } or [ ], where a brace begins a map",
                      "the text in quotes, such as \"${url}/health\"", braces);
  }

  std::optional<Hint> question_mark_in_flow() const {
    if (!flow() || !line_.text.substr(line_.column).starts_with('?')) return {};
    return with_value("`?` inside { } or [ ]", "the text in quotes, such as \"http://localhost/?page=1\"",
                      line_.column);
  }

  std::optional<Hint> text_after_quotes() const {
    auto value = line_.text.substr(line_.value);
    bool begins = value.starts_with('"') || value.starts_with('\'');
    if (!begins || !message_.starts_with("end of ")) return {};
    return with_value(ticked(trimmed(line_.text.substr(line_.column))) + " behind the closing quote",
                      "quotes around all of it, or text that does not begin with a quote", line_.column);
  }

  std::optional<Hint> colon_in_text() const {
    auto colon = line_.text.find(": ", line_.value);
    bool inside = colon != line_.text.npos && line_.value > 0 && line_.text.substr(0, line_.value).contains(": ");
    if (message_ != "illegal map value" || !inside || flow()) return {};
    return with_value("`: ` inside a text, where it begins a value", "quotes around the whole text", colon);
  }

  std::string message_;
  spec::Mark at_;
  Line line_;
};

}  // namespace

Hint explain(const YAML::Exception& e, std::string_view text) { return Explainer(e, text).hint(); }

void blank_value(std::string& text, std::size_t at) {
  auto end = std::min(text.find('\n', at), text.size());
  text.replace(at, end - at, "\"\"");
}

}  // namespace davy::plan
