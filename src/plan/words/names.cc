#include "plan/words/names.h"

#include <algorithm>

#include "base/text.h"
#include "plan/plan.h"

namespace davy::plan {
namespace {

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

struct Piece {  // a stretch of text as it stands, or a name, or a `${` that is none
  enum Kind { text, name, broken } kind;
  std::string_view what;
  std::size_t at;
};

// A name, or one of a series: `latency.p95`, `checkout.error_rate`.
bool may_stand(std::string_view name) {
  auto dot = name.find('.');
  return is_name(name.substr(0, dot)) && (dot == name.npos || may_stand(name.substr(dot + 1)));
}

// The piece that begins at a dollar.
Piece piece_at(std::string_view text, std::size_t at) {
  auto rest = text.substr(at);
  if (rest.starts_with("$$")) return {Piece::text, rest.substr(0, 2), at};
  if (!rest.starts_with("${")) return {Piece::text, rest.substr(0, 1), at};
  constexpr std::size_t kLongest = 100;  // and no search to the text's end for each of a million `${`
  auto end = rest.substr(0, kLongest).find('}');
  if (end == rest.npos || !may_stand(rest.substr(2, end - 2))) return {Piece::broken, rest.substr(0, 2), at};
  return {Piece::name, rest.substr(0, end + 1), at};
}

template <class F>
void each_piece(std::string_view text, F f) {
  for (std::size_t at = 0; at < text.size();) {
    auto dollar = std::min(text.find('$', at), text.size());
    if (dollar > at) f(Piece{Piece::text, text.substr(at, dollar - at), at});
    if (dollar == text.size()) return;
    auto piece = piece_at(text, dollar);
    f(piece);
    at = dollar + piece.what.size();
  }
}

std::string_view inside(std::string_view braces) { return braces.substr(2, braces.size() - 3); }

std::string known_names(const std::map<std::string, std::string>& variables) {
  std::string out;
  for (auto& [name, value] : variables) out += (out.empty() ? "" : ", ") + name;
  return out;
}

Result<std::string> expanded_piece(const Piece& piece, const std::map<std::string, std::string>& variables) {
  if (piece.kind == Piece::text) return piece.what == "$$" ? "$" : std::string(piece.what);
  if (piece.kind == Piece::broken) return fail(Code::invalid, "`${` without a name and `}`", "write $$ for a dollar");
  std::string name(inside(piece.what));
  if (auto found = variables.find(name); found != variables.end()) return found->second;
  return fail(Code::invalid, "unknown name `${" + printable(name) + "}`", "known: " + known_names(variables));
}

Result<spec::Value> expanded_list(const spec::Value& v, const std::map<std::string, std::string>& variables) {
  spec::List out;
  for (auto& item : *v.list()) {
    auto one = expanded(item, variables);
    if (!one) return one;
    out.push_back(*std::move(one));
  }
  return spec::array(std::move(out), v.mark);
}

Result<spec::Value> expanded_map(const spec::Value& v, const std::map<std::string, std::string>& variables) {
  spec::Map out;
  for (auto& entry : *v.map()) {
    auto one = expanded(entry.value, variables);
    if (!one) return one;
    out.push_back({entry.key, entry.mark, *std::move(one)});
  }
  return spec::object(std::move(out), v.mark);
}

}  // namespace

bool is_name(std::string_view s) {
  return !s.empty() && letter(s[0]) && std::ranges::all_of(s, [](char c) { return letter(c) || digit(c) || c == '-'; });
}

std::vector<std::string> kept_names(const spec::Value& v) {
  std::vector<std::string> out;
  auto take = [&](const spec::Value& below) { std::ranges::move(kept_names(below), std::back_inserter(out)); };
  if (auto list = v.list())
    for (auto& item : *list) take(item);
  if (auto map = v.map())
    for (auto& entry : *map) {
      if (entry.key == "keep" && entry.value.map())
        for (auto& one : *entry.value.map()) out.push_back(one.key);
      take(entry.value);
    }
  return out;
}

void each_name(std::string_view text, const Names& names) {
  each_piece(text, [&](const Piece& piece) {
    if (piece.kind == Piece::name) names.known(inside(piece.what), piece.at);
    if (piece.kind == Piece::broken) names.broken(piece.at);
  });
}

Result<std::string> expanded(std::string_view text, const std::map<std::string, std::string>& variables) {
  std::string out;
  std::optional<Error> first;
  each_piece(text, [&](const Piece& piece) {
    auto one = expanded_piece(piece, variables);
    if (one)
      out += *one;
    else if (!first)
      first = one.error();
  });
  if (first) return std::unexpected(*first);
  return out;
}

Result<spec::Value> expanded(const spec::Value& v, const std::map<std::string, std::string>& variables) {
  if (v.list()) return expanded_list(v, variables);
  if (v.map()) return expanded_map(v, variables);
  if (!v.text()) return v;
  auto one = expanded(*v.text(), variables);
  if (!one) return std::unexpected(one.error());
  auto out = v;
  out.is = *std::move(one);
  return out;
}

}  // namespace davy::plan
