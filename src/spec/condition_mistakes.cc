#include "spec/condition_mistakes.h"

#include "spec/condition_grammar.h"

namespace davy::spec {
namespace {

bool sign_char(char c) { return std::string_view("<>=!~&|").contains(c); }
bool word_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

// The token at an offset, as a person would point at it.
std::string_view token(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  auto alike = sign_char(text[at])   ? sign_char
               : word_char(text[at]) ? word_char
               : text[at] == '.'     ? [](char c) { return c == '.'; }
                                     : [](char) { return false; };
  auto end = at + 1;
  while (end < text.size() && end - at < 40 && alike(text[end])) ++end;
  return text.substr(at, end - at);
}

std::string shown(std::string_view token) { return token.empty() ? "the end" : "`" + printable(token) + "`"; }

constexpr std::pair<std::string_view, std::string_view> kMeantSigns[] = {
    {"=>", "`>=`"},
    {"=<", "`<=`"},
    {"<>", "`!=`"},
    {"===", "`=`"},
    {"!==", "`!=`"},
    {"<<", "`<`"},
    {">>", "`>`"},
    {"~", "`=`"},
    {"~=", "`=`"},
    {"!", "`!=`"},
    {"&&", "one condition; several stand in a list: [a < 1, b < 2]"},
    {"||", "one condition; several stand in a list: [a < 1, b < 2]"}};

constexpr std::pair<std::string_view, std::string_view> kMeantUnits[] = {
    {"sec", "`s`"},     {"secs", "`s`"},    {"second", "`s`"},
    {"seconds", "`s`"}, {"min", "`m`"},     {"mins", "`m`"},
    {"minute", "`m`"},  {"minutes", "`m`"}, {"hour", "`h`"},
    {"hours", "`h`"},   {"day", "`d`"},     {"days", "`d`"},
    {"percent", "`%`"}, {"kb", "`KB`"},     {"mb", "`MB`"},
    {"gb", "`GB`"},     {"tb", "`TB`"},     {"Mb", "`MB`"},
    {"Gb", "`GB`"},     {"msec", "`ms`"},   {"K", "`KB`"},
    {"M", "`MB`"},      {"G", "`GB`"},      {"µs", "`us`"},
    {"rps", "`/s`"},    {"qps", "`/s`"},    {"x", "a share, such as `> 150% of baseline`"}};

}  // namespace

void refuse(std::string_view text, std::size_t at, std::string_view expected) {
  throw Refused{{at, shown(token(text, at)), std::string(expected)}};
}

std::size_t start_of_signs(std::string_view text, std::size_t at) {
  if (at < text.size() && sign_char(text[at]))
    while (at > 0 && sign_char(text[at - 1])) --at;
  return at;
}

std::string_view meant(std::string_view text, std::size_t at, std::string_view expected) {
  auto found = token(text, at);
  if (found.empty()) return expected;
  for (auto [sign, fix] : kMeantSigns)
    if (found == sign) return fix;
  bool word = std::isalpha(static_cast<unsigned char>(found[0])) != 0;
  if (expected == grammar::kExpected<grammar::End>) {
    if (found == "over") return "`over` right behind the name, such as `latency.p95 over 1m > 5s`";
    bool digits_around = at > 0 && at + 1 < text.size() &&
                         std::isdigit(static_cast<unsigned char>(text[at - 1])) != 0 &&
                         std::isdigit(static_cast<unsigned char>(text[at + 1])) != 0;
    if (found == "," && digits_around) return "a number without separators, such as 10000";
    if (found == "," || found == "and" || found == "or")
      return "one condition; several stand in a list: [a < 1, b < 2]";
  }
  if (expected == grammar::kValue && word) return "a number; words are compared with `is`, such as `status is healthy`";
  if (expected == grammar::kValue && (found == "\"" || found == "'"))
    return "a number; texts are compared with `is`, such as `status is \"healthy\"`";
  if (expected == grammar::kOperators && word)
    return "an operator: <, <=, =, !=, >=, >, in, not in, is, is not, contains, lacks, grows or rises; a state is "
           "written `service is down`";
  return expected;
}

std::string_view meant_unit(std::string_view unit, std::string_view otherwise) {
  for (auto [written, fix] : kMeantUnits)
    if (written == unit) return fix;
  return otherwise;
}

}  // namespace davy::spec
