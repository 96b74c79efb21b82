#include "plan/yaml/yaml_build.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "plan/yaml/yaml.h"
#include "plan/yaml/yaml_text.h"
#include "spec/condition.h"

namespace davy::plan {
namespace {

spec::Mark place(const YAML::Mark& m) { return {m.line + 1, m.column + 1}; }

// 0600 is 384 to one reader, 600 to the next and text to a third.
bool octal_looking(std::string_view s) {
  if (s.starts_with('-') || s.starts_with('+')) s.remove_prefix(1);
  return s.size() > 1 && s[0] == '0' &&
         std::ranges::all_of(s, [](char c) { return (c >= '0' && c <= '9') || c == '_'; });
}

// A scalar becomes a number or a switch only where that is written exactly as it stands: `1.10`, `1e3`, `no` stay text,
// so a version never loses its zero and a country is never false.
spec::Value plain(const std::string& s, spec::Mark at) {
  if (s == "true" || s == "false") return {s == "true", at};
  std::int64_t n{};
  auto end = s.data() + s.size();
  if (auto r = std::from_chars(s.data(), end, n); r.ec == std::errc{} && r.ptr == end && std::to_string(n) == s)
    return {n, at};
  double d{};
  if (auto r = std::from_chars(s.data(), end, d); r.ec == std::errc{} && r.ptr == end && fmt::format("{}", d) == s)
    return {d, at};
  return spec::text(s, at);
}

}  // namespace

void Builder::count(std::size_t nodes, spec::Mark at) {
  nodes_ += nodes;
  if (nodes_ <= kMostNodes) return;
  d_.add(at, "more than a plan can hold", fmt::format("at most {} values, aliases expanded", kMostNodes));
  throw TooMuch{};
}

void Builder::refuse_tag(const std::string& tag, spec::Mark at) {
  if (tag.empty() || tag == "?" || tag == "!") return;
  d_.add(at, "the YAML tag " + ticked(tag), "a plain value; text that begins with `!` needs quotes");
}

void Builder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  spec::Value v{std::monostate{}, place(mark)};
  count(1, v.mark);
  // yaml-cpp places what is absent at the next token; people look for it at its key.
  if (!open_.empty()) v.mark = open_.back().key ? open_.back().key->mark : place_of_item(v.mark);
  remember(anchor, v, 1);
  put(std::move(v));
}

// `- #TOKEN` is an item of nothing; its place is that of its `-`, in a line above the next token.
spec::Mark Builder::place_of_item(spec::Mark next) const {
  if (open_.back().flow || !open_.back().value.list()) return next;
  for (auto line = std::min(static_cast<std::size_t>(next.line), lines_.size()); line > 0; --line)
    if (auto dash = lines_[line - 1].find_first_not_of(' '); dash != std::string_view::npos)
      if (auto item = lines_[line - 1].substr(dash); item == "-" || item.starts_with("- "))
        if (spec::Mark at{static_cast<int>(line), static_cast<int>(dash) + 1}; at < next) return at;
  return next;
}

void Builder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       const std::string& value) {
  auto at = place(mark);
  count(1, at);
  refuse_tag(tag, at);
  bool is_plain = tag == "?" || tag.empty();
  auto from = text_.substr(std::min(static_cast<std::size_t>(std::max(mark.pos, 0)), text_.size()));
  bool block = !is_plain && refuse_block_header(at, from);
  if (!is_plain && !block) refuse_open_quote(at, from);
  if (is_plain && octal_looking(value))
    d_.add(at, ticked(value) + ", which some read as octal", "the number without its leading zero, or text in quotes");
  auto v = is_plain ? plain(value, at) : spec::text(value, at);
  v.quoted = !is_plain && !block;
  remember(anchor, v, 1);
  put(std::move(v));
}

// `expect: >5` is no condition but a folded text that is indented by 5. True for every block of text.
bool Builder::refuse_block_header(spec::Mark at, std::string_view from) {
  auto header = trimmed(from.substr(0, from.find('\n')));
  if (!header.starts_with('>') && !header.starts_with('|')) return false;
  if (header.find_first_of("0123456789") != header.npos)
    d_.add(at, ticked(header) + ", which begins a block of text in YAML",
           "a name first, such as `free > 10 GB`, or the text in quotes");
  return true;
}

// yaml-cpp takes the end of the file for the closing quote.
void Builder::refuse_open_quote(spec::Mark at, std::string_view from) {
  auto quote = from.empty() ? ' ' : from[0];
  if (quote != '"' && quote != '\'') return;
  for (std::size_t i = 1; i < from.size(); ++i) {
    if (quote == '"' && from[i] == '\\')
      ++i;
    else if (from[i] == quote && quote == '\'' && from.substr(i + 1).starts_with('\''))
      ++i;
    else if (from[i] == quote)
      return;
  }
  d_.add(at, "a quote that is never closed", "the same quote at the end of the text");
}

void Builder::OnSequenceStart(const YAML::Mark& m, const std::string& tag, YAML::anchor_t a,
                              YAML::EmitterStyle::value style) {
  refuse_tag(tag, place(m));
  begin_node(spec::array({}, place(m)), a, style);
}

void Builder::OnMapStart(const YAML::Mark& m, const std::string& tag, YAML::anchor_t a,
                         YAML::EmitterStyle::value style) {
  refuse_tag(tag, place(m));
  begin_node(spec::object({}, place(m)), a, style);
}

void Builder::begin_node(spec::Value v, YAML::anchor_t anchor, YAML::EmitterStyle::value style) {
  count(1, v.mark);
  if (open_.size() >= kMostDepth) {
    d_.add(v.mark, "a value nested too deeply", fmt::format("at most {} levels", kMostDepth));
    throw TooMuch{};
  }
  if (anchor != 0 && coming_) anchors_[anchor] = *std::exchange(coming_, {});
  open_.push_back({std::move(v), anchor, style == YAML::EmitterStyle::Flow, {}, {}, nodes_ - 1});
}

void Builder::close() {
  auto frame = std::move(open_.back());
  open_.pop_back();
  if (frame.anchor != 0) remember(frame.anchor, frame.value, nodes_ - frame.nodes_before);
  put(std::move(frame.value));
}

void Builder::OnAnchor(const YAML::Mark& mark, const std::string& name) { coming_ = Anchor{name, place(mark), {}, 1}; }

void Builder::remember(YAML::anchor_t id, const spec::Value& v, std::size_t nodes) {
  if (id == 0) return;
  if (coming_) anchors_[id] = *std::exchange(coming_, {});
  anchors_[id].value = v;
  anchors_[id].nodes = nodes;
}

void Builder::OnAlias(const YAML::Mark& mark, YAML::anchor_t id) {
  auto& anchor = anchors_[id];
  anchor.used = true;
  auto at = place(mark);
  if (!anchor.value) {
    d_.add(at, ticked("*" + anchor.name) + ", which contains itself", "an alias to a value that is complete");
    throw TooMuch{};
  }
  count(anchor.nodes, at);
  auto copy = *anchor.value;
  copy.mark = at;
  put(std::move(copy), true);
}

void Builder::put(spec::Value v, bool alias) {
  if (open_.empty()) {
    if (!root_) root_ = std::move(v);
    return;
  }
  auto& frame = open_.back();
  if (auto list = std::get_if<spec::List>(&frame.value.is)) return list->push_back(std::move(v)), void();
  if (!frame.key) return put_key(v, alias);
  auto key = *std::exchange(frame.key, {});
  if (key.refused) return;
  if (v.null()) refuse_lone_key(frame, key, v.mark);
  auto& map = std::get<spec::Map>(frame.value.is);
  auto [before, fresh] = frame.seen.emplace(key.text, key.mark.line);
  if (!fresh)
    d_.add(key.mark, "the key " + ticked(key.text) + " again",
           fmt::format("it once; it stands in line {} already", before->second));
  else
    map.push_back({key.text, key.mark, std::move(v)});
}

void Builder::put_key(const spec::Value& v, bool alias) {
  auto text = alias ? std::nullopt : spec::scalar_text(v);
  if (!text) d_.add(v.mark, alias ? "an alias as a key" : spec::describe(v) + " as a key", "a text");
  if (text == "<<")
    d_.add(v.mark, "the merge key `<<`", "the keys themselves: a plan says in one place what holds there");
  if (!text || text == "<<") broken_.insert(v.mark.line);
  open_.back().key = Key{text.value_or(""), v.mark, !text || text == "<<"};
}

// In { } a comma ends a value, so `{ pass: a < 1, b < 2 }` holds a key `b < 2` of nothing; and `{a:1}` one key `a:1`.
void Builder::refuse_lone_key(const Frame& frame, const Key& key, spec::Mark at) {
  auto line = lines_[std::min(lines_.size(), static_cast<std::size_t>(key.mark.line)) - 1];
  auto from = std::min(line.size(), static_cast<std::size_t>(key.mark.column - 1) + key.text.size());
  auto rest = trimmed(line.substr(from));
  bool comment = rest.starts_with(":") && trimmed(rest.substr(1)).starts_with("#");
  if (comment)
    d_.add(at, ticked(key.text) + " without a value: `#` begins a comment", "the text in quotes, such as \"#ops\"");
  else if (frame.flow && spec::parse_condition(key.text))
    d_.add(at, ticked(key.text) + " on its own: in { } a comma ends a value",
           "several conditions as a list, such as [error_rate < 1%, latency.p95 < 1s]");
  else if (key.text.contains(':') && !rest.starts_with(":"))
    d_.add(at, ticked(key.text) + " without a value", "a space after the colon, such as `instances: 2`");
  else if (frame.flow && !frame.seen.empty() && !rest.starts_with(":"))
    d_.add(at, ticked(key.text) + " without a value: in { } a comma ends a value", "quotes around a text with a comma");
}

void Builder::finish() {
  for (auto& [id, anchor] : anchors_)
    if (!anchor.used)
      d_.add(anchor.mark, "the anchor " + ticked("&" + anchor.name) + " that nothing refers to",
             "text that begins with `&` in quotes");
}

}  // namespace davy::plan
