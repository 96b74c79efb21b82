#include "signals/formats/pairs_log.h"

#include <fmt/format.h>

#include <algorithm>

namespace davy::signals {
namespace {

struct Pair {
  std::string_view key, value;  // a word alone has no key
};

// The next one; false at the end.
bool next(std::string_view& text, Pair& out) {
  auto begin = text.find_first_not_of(' ');
  if (begin == text.npos) return false;
  text.remove_prefix(begin);
  auto stop = std::min(text.find_first_of(" =\""), text.size());
  out = {};
  if (stop == text.size() || text[stop] != '=') {
    stop = std::min(text.find(' ', stop), text.size());
    out.value = text.substr(0, stop);
    return text.remove_prefix(stop), true;
  }
  out.key = text.substr(0, stop);
  text.remove_prefix(stop + 1);
  if (!text.starts_with('"')) {
    stop = std::min(text.find(' '), text.size());
    out.value = text.substr(0, stop);
    return text.remove_prefix(stop), true;
  }
  std::size_t end = 1;
  while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
  out.value = text.substr(1, std::min(end, text.size()) - 1);
  return text.remove_prefix(std::min(end + 1, text.size())), true;
}

// "[2026-11-21T10:00:02.123", as Ruby's logger has it, or without the bracket.
bool is_moment_of_line(std::string_view& word) {
  if (word.starts_with('[')) word.remove_prefix(1);
  while (word.ends_with(']') || word.ends_with(',')) word.remove_suffix(1);
  Time ignored;
  return word.size() >= 19 && word[4] == '-' && read_time(word, {}, ignored);
}

bool is_word(std::string_view text) {
  return !text.empty() && ((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z'));
}

constexpr std::string_view kHerokuSigns[] = {"heroku[router]"}, kLogrageSigns[] = {"controller=", "action="},
                           kLogfmtSigns[] = {"status"};

}  // namespace

std::vector<JsonField> PairsLog::usual(std::string_view product) {
  if (product == "logfmt") return JsonLog::usual("");
  if (product == "lograge") return JsonLog::usual("lograge");
  if (product != "heroku") return {};
  return {{"status", Part::status}, {"service", Part::length}, {"method", Part::method}, {"path", Part::path},
          {"host", Part::host},     {"fwd", Part::forwarded},  {"dyno", Part::server},   {"bytes", Part::bytes}};
}

std::span<const std::string_view> PairsLog::sure_signs(std::string_view product) {
  if (product == "heroku") return kHerokuSigns;
  if (product == "lograge") return kLogrageSigns;
  return kLogfmtSigns;
}

Result<PairsLog> PairsLog::of(std::vector<JsonField> fields, const FormatOptions& options) {
  PairsLog out;
  out.zone_ = options.zone;
  auto use = [&](const std::string& name, Part part) {
    if (name.empty() || name.starts_with("path:")) return;
    std::erase_if(fields, [&](auto& f) { return f.name == name || same_thing(f.part, part); });
    fields.push_back({name, part});
  };
  use(options.release, Part::release);
  use(options.server, Part::server);
  use(options.client, Part::client);
  if (std::ranges::find(fields, Part::status, &JsonField::part) == fields.end())
    return fail(Code::invalid, "the log format logfmt: no field says the status", "name it: status=NAME");
  std::ranges::sort(fields, {}, &JsonField::name);
  if (auto twice = std::ranges::adjacent_find(fields, {}, &JsonField::name); twice != fields.end())
    return fail(Code::invalid, fmt::format("the log format logfmt: `{}` is named twice", twice->name));
  out.fields_ = std::move(fields);
  return out;
}

const JsonField* PairsLog::find(std::string_view name) const {
  auto found = std::ranges::lower_bound(fields_, name, {}, [](auto& f) { return std::string_view(f.name); });
  return found != fields_.end() && found->name == name ? &*found : nullptr;
}

std::vector<JsonField> PairsLog::found_in(std::string_view text, Saying saying) const {
  std::vector<JsonField> out;
  for (Pair pair; next(text, pair);)
    if (auto field = find(pair.key); field && !pair.key.empty())
      if (says(field->part, pair.value) == (saying == Saying::something)) out.push_back(*field);
  return out;
}

Parsed PairsLog::parse(std::string_view text, Request& out, Want want) const {
  out = kNoRequest;
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  TimeReader times;
  Draft draft(out, false, zone_, times);
  auto wanted = parts_of(want);
  std::uint32_t said = 0;
  bool before = true, right = true;
  for (Pair pair; next(text, pair);) {
    if (before && pair.key.empty() && is_moment_of_line(pair.value))
      right = draft.take(Part::time, pair.value) && right;
    before = before && pair.key.empty();
    auto field = pair.key.empty() ? nullptr : find(pair.key);
    if (!field || (field->part == Part::status && is_word(pair.value))) continue;  // "info" is of something else
    said |= bit(field->part);
    if (bit(field->part) & wanted) right = (draft.take(field->part, pair.value) || has_a_name(field->part)) && right;
  }
  if (right && draft.finish()) return Parsed::line;
  return said & (bit(Part::status) | bit(Part::method) | bit(Part::request)) ? Parsed::broken : Parsed::other;
}

}  // namespace davy::signals
