#include "signals/formats/json_log.h"

#include <fmt/format.h>

#include <algorithm>

#include "signals/traffic/figures.h"
#include "signals/traffic/scan.h"

namespace davy::signals {

namespace {

constexpr std::size_t kMostFields = 64;  // bits of a word
constexpr int kDeepest = 64;
constexpr std::string_view kOfPino = "res.statusCode";  // null until headers are sent: the client did not wait

// Length and five letters tell keys apart that people give; `seed` is tried until none of a log's share a slot.
DAVY_INLINE std::size_t slot(std::string_view name, std::uint32_t seed) {
  auto letter = [&](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(name[i])}; };
  auto n = name.size();
  auto mixed = n << 40 ^ letter(0) << 32 ^ letter(n / 4) << 24 ^ letter(n / 2) << 16 ^ letter(n - 1 - n / 4) << 8 ^
               letter(n - 1);
  return (mixed * (0x9e3779b97f4a7c15ull * seed)) >> 56;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

constexpr auto kEndsBare = [] {
  std::array<bool, 256> out{};
  for (char c : {',', '}', ']', ' ', '\t'}) out[static_cast<unsigned char>(c)] = true;
  return out;
}();

}  // namespace

// What was found of each field: the inside of strings, the text of all else. Fields that are null say nothing.
struct JsonLog::Values {
  struct Span {
    const char* data;
    std::size_t size;
  };
  std::uint64_t there = 0, null = 0;  // bit i: all[i] is set; the field was there and null
  Span all[kMostFields];              // not cleared: so many would take longer than the line
  DAVY_INLINE void set(std::size_t field, std::string_view text) {
    all[field] = {text.data(), text.size()};
    auto bit = std::uint64_t{1} << field;
    if (text.data()) [[likely]]
      there |= bit;
    else
      there &= ~bit, null |= bit;
  }
};

// The keys of the line before, in their order, as they stood there: `"status":`. Where a line has the same one in its
// place, which it is need not be looked up.
struct JsonLog::Keys {
  static constexpr std::size_t kMost = 64, kLongest = 32;
  struct Seen {
    char text[kLongest];
    std::uint32_t bits;  // as many as the text has bytes
    std::uint8_t size;   // 0: too long to be kept
    std::uint8_t node;
    const Node::Key* key;
  };
  std::size_t known = 0;
  Seen all[kMost];  // the first `known`
  void keep(std::size_t place, std::string_view text, std::size_t node, const Node::Key* key) {
    if (place >= kMost) return;
    known = std::max(known, place + 1);
    auto& seen = all[place];
    seen.size = 0;
    if (text.size() > kLongest) return;
    text.copy(seen.text, kLongest);
    seen.size = static_cast<std::uint8_t>(text.size());
    seen.bits = static_cast<std::uint32_t>((std::uint64_t{1} << text.size()) - 1);
    seen.node = static_cast<std::uint8_t>(node), seen.key = key;
  }
};

DAVY_INLINE const JsonLog::Node::Key* JsonLog::Node::find(std::string_view name) const {
  if (name.empty()) return nullptr;
  auto at = slots[slot(name, seed)];
  return at != kNone && keys[at].name == name ? &keys[at] : nullptr;
}

bool JsonLog::Node::arrange() {
  for (std::uint32_t tried = 1; tried < 100'000; ++tried) {
    seed = 2 * tried + 1;
    slots.fill(kNone);
    std::size_t placed = 0;
    for (auto& key : keys) {
      auto& place = slots[slot(key.name, seed)];
      if (place != kNone) break;
      place = static_cast<std::uint8_t>(placed++);
    }
    if (placed == keys.size()) return true;
  }
  return false;
}

// Walks over one line. Every function leaves `at_` behind what it read, and answers false where the text is no JSON.
class JsonLog::Reader {
 public:
  DAVY_INLINE Reader(const JsonLog& log, std::string_view text, const Marks& marks, Values& values, Keys& keys)
      : log_(log),
        values_(values),
        keys_(keys),
        at_(text.data()),
        end_(text.data() + text.size()),
        marks_(marks),
        marked_(marks.covers(text)) {}

  DAVY_INLINE bool whole_line() {
    blanks();
    if (at_ != end_ && *at_ != '{') byte_order_mark();
    if (at_ == end_ || *at_ != '{' || !object(0, 0)) return false;
    blanks();
    return at_ == end_;
  }

 private:
  // Some editors and Windows write it before the first line.
  void byte_order_mark() {
    if (std::string_view(at_, end_).starts_with("\xef\xbb\xbf")) at_ += 3;
  }
  DAVY_INLINE void blanks() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t')) ++at_;
  }

  // Its inside, escapes as they are.
  DAVY_INLINE bool string(std::string_view& out) {
    auto begin = ++at_;
    for (;;) {
      auto bits = marked_ ? marks_.covered_first(at_) | marks_.covered_second(at_) : 0;
      at_ = bits != 0 ? at_ + std::countr_zero(bits) : find_either_in(at_, end_, marks_.readable(), '"', '\\');
      if (at_ >= end_) return false;
      if (*at_ == '"') break;
      if (end_ - at_ < 2) return false;
      at_ += 2;
    }
    out = {begin, static_cast<std::size_t>(at_++ - begin)};
    return true;
  }

  // `"name":`, and what it means here.
  DAVY_INLINE bool known_key(std::size_t node, std::size_t place, const Node::Key*& out) {
    if (place >= keys_.known) return false;
    auto& seen = keys_.all[place];
    if (seen.size == 0 || seen.node != node || marks_.readable() - at_ < 32 || end_ - at_ < seen.size ||
        (~Vector<std::uint32_t, 32>::same(at_, seen.text) & seen.bits) != 0)
      return false;
    at_ += seen.size;
    out = seen.key;
    return true;
  }
  DAVY_INLINE bool new_key(std::size_t node, std::size_t place, const Node::Key*& out) {
    auto begin = at_;
    std::string_view name;
    if (at_ == end_ || *at_ != '"' || !string(name)) return false;
    blanks();
    if (at_ == end_ || *at_++ != ':') return false;
    out = log_.nodes_[node].find(name);
    keys_.keep(place, {begin, at_}, node, out);
    return true;
  }

  bool object(std::size_t node, int depth) {
    ++at_;
    blanks();
    if (at_ != end_ && *at_ == '}') return ++at_, true;
    for (;;) {
      blanks();
      const Node::Key* key = nullptr;
      auto place = place_++;
      if (!known_key(node, place, key) && !new_key(node, place, key)) return false;
      if (!value(key, depth)) return false;
      blanks();
      if (at_ == end_) return false;
      if (auto c = *at_++; c != ',') return c == '}';
    }
  }

  DAVY_INLINE bool value(const Node::Key* key, int depth) {
    blanks();
    if (at_ == end_) return false;
    std::string_view text;
    if (*at_ == '"') {
      if (!string(text)) return false;
    } else if (*at_ == '{' || *at_ == '[') {
      auto begin = at_;
      bool inside = *at_ == '{' && key && key->child != kNone && depth < kDeepest;
      if (!(inside ? object(key->child, depth + 1) : pass_over())) return false;
      if (key && key->field != kNone && log_.fields_[key->field].part == Part::failed)
        values_.set(key->field, {begin, at_});
      return true;
    } else if (!bare(text)) {
      return false;
    }
    if (key && key->field != kNone) values_.set(key->field, text);
    return true;
  }

  // A number, or true, false, null.
  DAVY_INLINE bool bare(std::string_view& out) {
    auto begin = at_;
    while (at_ != end_ && !kEndsBare[static_cast<unsigned char>(*at_)]) ++at_;
    out = {begin, static_cast<std::size_t>(at_ - begin)};
    if (!out.empty() && (out[0] == '-' || (out[0] >= '0' && out[0] <= '9'))) return true;
    if (out == "null") return out = {}, true;
    return out == "true" || out == "false";
  }

  // An object or a list that nobody asked for: brackets are counted, not matched.
  bool pass_over() {
    int open = 0;
    std::string_view ignored;
    for (; at_ != end_;) {
      auto c = *at_;
      if (c == '"') {
        if (!string(ignored)) return false;
        continue;
      }
      ++at_;
      if (c == '{' || c == '[') ++open;
      if ((c == '}' || c == ']') && --open == 0) return true;
    }
    return false;
  }

  const JsonLog& log_;
  Values& values_;
  Keys& keys_;
  std::size_t place_ = 0;  // of the next key
  const char *at_, *end_;
  const Marks& marks_;
  bool marked_;  // looked at in advance; looking in each string for 64 bytes would be dear
};

Result<JsonLog> JsonLog::of(std::vector<JsonField> fields, const FormatOptions& options) {
  JsonLog out;
  out.zone_ = options.zone;
  auto use = [&](const std::string& name, Part part) {
    if (name.empty() || name.starts_with("path:")) return;
    std::erase_if(fields, [&](auto& f) { return f.name == name || same_thing(f.part, part); });
    fields.insert(fields.begin(), {name, part});
  };
  use(options.release, Part::release);
  use(options.server, Part::server);
  use(options.client, Part::client);
  if (fields.size() > kMostFields) return fail(Code::invalid, "the log format json: more than 64 fields");
  if (std::ranges::find(fields, Part::status, &JsonField::part) == fields.end())
    return fail(Code::invalid, "the log format json: no field says the status", "name it: status=NAME");
  out.fields_ = std::move(fields);
  out.nodes_.emplace_back();
  for (std::size_t i = 0; i < out.fields_.size(); ++i)
    if (!out.add(i))
      return fail(Code::invalid, fmt::format("the log format json: `{}` is named twice", out.fields_[i].name));
  for (auto& node : out.nodes_)
    if (!node.arrange()) return fail(Code::invalid, "the log format json: too many fields with names of one kind");
  for (std::size_t i = 0; i < out.fields_.size(); ++i)
    if (out.fields_[i].part == Part::upstream)
      out.upstreams_ |= std::uint64_t{1} << i;
    else if (out.fields_[i].part == Part::status)
      out.statuses_ |= std::uint64_t{1} << i;
  return out;
}

JsonLog::Node::Key& JsonLog::key(std::size_t node, std::string_view name) {
  auto& keys = nodes_[node].keys;
  auto found = std::ranges::find(keys, name, &Node::Key::name);
  return found != keys.end() ? *found : keys.emplace_back(Node::Key{std::string(name)});
}

// A dotted name is looked for as one key, too.
bool JsonLog::add(std::size_t field) {
  std::string_view name = fields_[field].name;
  auto& whole = key(0, name);
  if (name.empty() || whole.field != kNone) return false;
  whole.field = static_cast<std::uint8_t>(field);
  std::size_t node = 0;
  auto dot = name.find('.', 1);
  if (dot == name.npos) return true;
  for (; dot != name.npos; dot = name.find('.', 1)) {
    auto child = key(node, name.substr(0, dot)).child;
    if (child == kNone) {
      if (nodes_.size() >= kNone) return false;
      child = static_cast<std::uint8_t>(nodes_.size());
      key(node, name.substr(0, dot)).child = child;
      nodes_.emplace_back();
    }
    node = child;
    name.remove_prefix(dot + 1);
  }
  if (!name.empty()) key(node, name).field = static_cast<std::uint8_t>(field);
  return !name.empty();
}

DAVY_INLINE Parsed JsonLog::parse_one(std::string_view text, const Marks& marks, Request& out, Want want,
                                      TimeReader& times, Keys& keys) const {
  out = kNoRequest;
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  if (text.empty()) return Parsed::other;
  Values values;
  if (!Reader(*this, text, marks, values, keys).whole_line()) return Parsed::broken;
  // A line that does not name an upstream is of somebody who has none; one that names nobody was unreached.
  auto said = values.there | values.null;
  Draft draft(out, (said & upstreams_) != 0, zone_, times);
  auto wanted = parts_of(want);
  for (auto left = values.there; left != 0; left &= left - 1) {
    auto i = static_cast<std::size_t>(std::countr_zero(left));
    auto& value = values.all[i];
    auto part = fields_[i].part;
    if (!(bit(part) & wanted) || draft.take(part, {value.data, value.size}) || has_a_name(part)) continue;
    if (part != Part::status || !is_letter(value.data[0])) return Parsed::broken;
    said &= ~(std::uint64_t{1} << i);  // "info": the status of something else
  }
  if (auto unsaid = values.null & statuses_; unsaid != 0 && tells_of_a_request(said & ~statuses_)) [[unlikely]]
    draft.take(Part::status, fields_[static_cast<std::size_t>(std::countr_zero(unsaid))].name == kOfPino ? "000" : "-");
  if (draft.finish()) [[likely]]
    return Parsed::line;
  return tells_of_a_request(said) ? Parsed::broken : Parsed::other;
}

bool JsonLog::tells_of_a_request(std::uint64_t fields) const {
  std::uint32_t parts = 0;
  bool length = false;
  for (; fields != 0; fields &= fields - 1) {
    auto part = fields_[static_cast<std::size_t>(std::countr_zero(fields))].part;
    parts |= bit(part), length = length || is_latency(part);
  }
  constexpr auto kSure = bit(Part::status) | bit(Part::method) | bit(Part::request) | bit(Part::upstream);
  return (parts & kSure) || ((parts & bit(Part::path)) && length);
}

std::vector<JsonField> JsonLog::found_in(std::string_view text, Saying saying) const {
  Values values;
  Keys keys;
  std::vector<JsonField> out;
  if (!Reader(*this, text, Marks(kDividers, text.data() + text.size()), values, keys).whole_line()) return out;
  for (auto left = values.there; left != 0; left &= left - 1) {
    auto i = static_cast<std::size_t>(std::countr_zero(left));
    auto says = signals::says(fields_[i].part, {values.all[i].data, values.all[i].size});
    if (says == (saying == Saying::something)) out.push_back(fields_[i]);
  }
  return out;
}

DAVY_FAST Parsed JsonLog::parse(std::string_view text, Request& out, Want want) const {
  TimeReader times;
  Keys keys;
  return parse_one(text, Marks(kDividers, text.data() + text.size()), out, want, times, keys);
}

DAVY_FAST void JsonLog::parse(std::span<LineRead> lines, const Marks& marks, Recent& recent, Want want) const {
  Keys keys;
  for (auto& one : lines) one.parsed = parse_one(one.text, marks, one.line, want, recent.dates, keys);
}

}  // namespace davy::signals
