#include "signals/formats/pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "signals/traffic/scan.h"

namespace davy::signals {

namespace {

bool word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

// "$name", "${name}"; the text behind it is left in `text`.
std::string nginx_name(std::string_view& text) {
  bool braces = text.starts_with("${");
  text.remove_prefix(braces ? 2 : 1);
  auto stop = std::ranges::find_if(text, [](char c) { return !word(c); });
  std::string out(text.begin(), stop);
  text.remove_prefix(out.size());
  if (braces && text.starts_with('}')) text.remove_prefix(1);
  return out;
}

// A header's name as nginx's variables have it: "X-Pod" is x_pod.
std::string variable(std::string_view header) {
  std::string out;
  for (char c : header) out += c == '-' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string apache_letter(char c, std::string_view argument) {
  switch (c) {
    case 'h':
    case 'a':
      return "remote_addr";
    case 't':
      return argument.empty() ? "[start]" : "_";
    case 'r':
      return "request";
    case 's':
      return "status";
    case 'b':
    case 'B':
    case 'O':
      return "bytes";
    case 'D':
      return "microseconds";
    case 'T':
      return argument == "ms" ? "milliseconds" : argument == "us" ? "microseconds" : "seconds";
    case 'v':
    case 'V':
      return "host";
    case 'm':
      return "method";
    case 'U':
      return "path";
    case 'X':
      return "flags";
    case 'P':
      return "pid";
    case 'I':
      return "request_length";
    case 'i':
      return "http_" + variable(argument);
    case 'o':
      return "sent_http_" + variable(argument);
    case 'e':
      return argument.starts_with("BALANCER_WORKER_") ? (argument.ends_with("NAME") ? "server" : "backend")
                                                      : variable(argument);
    default:
      return "_";
  }
}

// "%>s", "%{Referer}i", "%!200,304{X}i"; what Davy has no use for is skipped as any other field.
std::string apache_name(std::string_view& text) {
  text.remove_prefix(1);
  while (!text.empty() && std::string_view("<>!,0123456789^").contains(text[0])) text.remove_prefix(1);
  std::string_view argument;
  if (text.starts_with('{'))
    if (auto close = text.find('}'); close != text.npos) {
      argument = text.substr(1, close - 1);
      text.remove_prefix(close + 1);
    }
  if (text.empty()) return "_";
  auto out = apache_letter(text[0], argument);
  text.remove_prefix(1);
  return out;
}

// gunicorn, "access_log_format": "%(h)s", "%({x-pod}i)s"; what differs from Apache's letters is said here.
std::string gunicorn_name(std::string_view& text) {
  auto close = std::min(text.find(')'), text.size());
  auto letter = text.substr(2, close - 2);
  text.remove_prefix(std::min(close + 2, text.size()));
  if (letter == "t") return "[time_local]";
  if (letter == "D") return "microseconds";
  if (letter == "M") return "milliseconds";
  if (letter == "T" || letter == "L") return "seconds";
  if (letter.starts_with('{') && letter.find('}') == letter.size() - 2)
    return apache_letter(letter.back(), letter.substr(1, letter.size() - 3));
  return letter.size() == 1 && letter != "a" ? apache_letter(letter[0], {}) : "_";
}

// "%RESPONSE_CODE%", of Envoy's command operators; empty: there is none.
std::string_view envoy_operator(std::string_view text) {
  constexpr std::string_view kNone;
  for (auto at = text.find('%'); at != text.npos && !text.contains('$'); at = text.find('%', at + 1)) {
    auto end = std::min(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", at + 1), text.size());
    if (end > at + 3 && end < text.size() && (text[end] == '%' || text[end] == '('))
      return text.substr(at, std::min(text.find('%', end), text.size() - 1) - at + 1);
  }
  return kNone;
}

// As the quotes of nginx.conf and httpd.conf have it, where patterns are copied from.
std::string without_escapes(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    auto next = text[at] == '\\' && at + 1 < text.size() ? text[at + 1] : ' ';
    bool is_escape = next == '"' || next == '\'' || next == 't';
    out += !is_escape ? text[at] : next == 't' ? '\t' : next;
    at += is_escape;
  }
  return out;
}

// Escaped quotes belong to the field: Apache writes \", nginx \x22.
bool escaped(const char* begin, const char* quote) {
  int backslashes = 0;
  while (quote != begin && *--quote == '\\') ++backslashes;
  return backslashes % 2 != 0;
}

// A field with its end inside: an escaped quote, or a space in a list.
bool goes_on(char end, std::string_view before, std::string_view after) {
  if (end == '"') return escaped(before.data(), before.data() + before.size());
  return end == ' ' && (before.ends_with(',') || before.ends_with(" :") || after.starts_with(": "));
}

// Which quotes are no escaped ones, where there is a backslash at all.
std::vector<std::uint16_t> unescaped(std::string_view text) {
  std::vector<std::uint16_t> out;
  for (std::size_t at = 0; at < std::min<std::size_t>(text.size(), 65'535); ++at)
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      out.push_back(static_cast<std::uint16_t>(at));
  return out;
}

// What servers say beside their requests, into the same stream: nginx's error log ("2026/11/21 10:00:02 [error] …"),
// Apache's ("[Sat Nov 21 10:00:02.123456 2026] [core:error] …"), a W3C log's directives ("#Fields: …"), the scripts
// that start a container ("/docker-entrypoint.sh: …").
bool is_message(std::string_view text) {
  if (text.starts_with('#') || text.substr(0, 80).contains(".sh: ")) return true;
  Time ignored;
  if (text.size() > 21 && text[4] == '/' && text.substr(19, 2) == " [")
    return read_time(text.substr(0, 19), {}, ignored);
  return text.size() > 30 && text[0] == '[' && text[4] == ' ' && text[8] == ' ' && text[14] == ':' && text[17] == ':' &&
         text.contains("] [");
}

// Of a stretch with which every line begins: who asks for no field of it asks for its text.
constexpr std::uint32_t kBeginning = std::uint32_t{1} << 31;
static_assert((kBeginning & kCountParts) && static_cast<int>(Part::reached) < 31);

bool has_part(const auto& pieces, Part part) {
  return std::ranges::any_of(pieces, [&](auto& piece) { return piece.part == part; });
}

}  // namespace

std::string_view Pattern::name_of(Part part) const {
  for (auto& stretch : stretches_)
    for (auto& piece : stretch.pieces)
      if (piece.part == part) return piece.name;
  return {};
}

std::pair<std::string, std::string> Pattern::misspelt() const {
  for (auto& name : unknown_)
    if (auto meant = name_near(name); !meant.empty()) return {name, meant};
  return {};
}

void Pattern::Literal::make() {
  auto size = std::min<std::size_t>(text.size(), 8);
  std::memcpy(&word, text.data(), size);
  std::memset(&mask, 0xff, size);
}

DAVY_INLINE bool Pattern::Literal::at(const char* begin, const char* end, const char* readable) const {
  if (static_cast<std::size_t>(end - begin) < text.size()) return false;
  if (text.size() > 8 || readable - begin < 8) return std::memcmp(begin, text.data(), text.size()) == 0;
  std::uint64_t there = 0;
  std::memcpy(&there, begin, 8);
  return (there & mask) == word;
}

[[gnu::noinline]] static const char* find_far(const char* at, const char* end, const char* readable, char c) {
  return find_in(at, end, readable, c);
}
DAVY_INLINE static const char* find_in(const char* at, const char* end, const Marks& marks, char c) {
  auto bits = c == Pattern::kDividers.second && marks.looked_at(at) ? marks.covered_second(at) : 0;
  return bits != 0 ? std::min(at + std::countr_zero(bits), end) : find_far(at, end, marks.readable(), c);
}

// Where the text that follows a field stands; null: nowhere.
DAVY_INLINE const char* Pattern::end_of_field(const Piece& piece, const char* at, const char* end, const Marks& marks) {
  auto& after = piece.after.text;
  if (after.empty()) return end;
  if (piece.to_last) {
    constexpr std::ptrdiff_t kClf = 30;  // " [21/Nov/2026:11:00:02 +0100] " ends nearly every such stretch
    if (end - at >= kClf && end[-kClf] == ' ' && end[1 - kClf] == '[') [[likely]]
      return end - kClf;
    auto last = std::string_view(at, end).rfind(after);
    return last == std::string_view::npos ? nullptr : at + last;
  }
  for (auto begin = at;; ++at) {
    at = signals::find_in(at, end, marks, after[0]);
    if (static_cast<std::size_t>(end - at) < after.size()) return nullptr;
    if (after.size() > 1 && !piece.after.at(at, end, marks.readable())) continue;
    if (!piece.may_go_on || !goes_on(after[0], {begin, at}, {at + 1, end})) [[likely]]
      return at;
  }
}

Result<std::vector<Pattern::Piece>> Pattern::pieces_of(std::string_view text, std::string& before) {
  std::vector<Piece> out;
  auto sign = text.contains('$') ? '$' : '%';
  for (auto rest = text; !rest.empty();) {
    auto& literal = out.empty() ? before : out.back().after.text;
    if (rest[0] != sign || rest.starts_with("%%")) {
      literal += rest[0];
      rest.remove_prefix(rest.starts_with("%%") ? 2 : 1);
      continue;
    }
    if (!out.empty() && literal.empty())
      return fail(Code::invalid, fmt::format("the log pattern `{}`: two fields stand together", text),
                  "put a space or a quote between them, or none can be told apart");
    auto quoted = literal.ends_with('"');
    auto name = sign == '$' ? nginx_name(rest) : rest.starts_with("%(") ? gunicorn_name(rest) : apache_name(rest);
    bool brackets = name.starts_with('[');  // its date stands in them
    if (brackets) literal += '[', name = name.substr(1, name.size() - 2);
    auto part = part_of(name);
    auto list = !quoted && name.starts_with("upstream_");
    out.push_back({.part = part, .list = list, .name = std::move(name), .after = {.text = brackets ? "]" : ""}});
  }
  return out;
}

Result<Pattern> Pattern::compile(std::string_view text, const FormatOptions& options) {
  Pattern out;
  out.text_ = text;
  out.zone_ = options.zone;
  if (auto name = envoy_operator(text); !name.empty())
    return fail(Code::invalid, fmt::format("the log pattern `{}`: `{}` is Envoy's way to name a field", text, name),
                "format: envoy and istio read their usual lines; else write $status, $start, $milliseconds, "
                "$upstream_addr and the like in its place");
  std::string before;
  auto pieces = pieces_of(without_escapes(text), before);
  if (!pieces) return std::unexpected(pieces.error());
  choose(*pieces, options);
  if (!has_part(*pieces, Part::status) && !has_part(*pieces, Part::result))
    return fail(Code::invalid, fmt::format("the log pattern `{}` has no status, so errors cannot be told", text),
                "write it as nginx's log_format or Apache's LogFormat has it, with $status or %>s in it");
  for (auto& piece : *pieces) {
    if (piece.part == Part::skip && text.contains('$')) out.unknown_.push_back(piece.name);
    out.upstream_ = out.upstream_ || piece.part == Part::upstream;
    if (piece.part == Part::upstream_seconds &&
        std::ranges::any_of(*pieces, [](auto& p) { return is_latency(p.part); }))
      piece.part = Part::skip;
  }
  out.divide(*pieces, before);
  return out;
}

// A field that was named for the server, the release or the client becomes it.
void Pattern::choose(std::vector<Piece>& pieces, const FormatOptions& options) {
  auto use = [&](const std::string& name, Part part) {
    for (auto& piece : pieces)
      if (!name.empty() && piece.name == name && piece.part != Part::status && piece.part != Part::upstream)
        piece.part = part;
  };
  use(options.release, Part::release);
  use(options.server, Part::server);
  use(options.client, Part::forwarded);
}

// Stretches without a field of interest are left out, and fields behind the last one of interest.
void Pattern::divide(const std::vector<Piece>& pieces, const std::string& before) {
  auto quotes = static_cast<std::size_t>(std::ranges::count(before, '"'));
  for (auto& piece : pieces) quotes += static_cast<std::size_t>(std::ranges::count(piece.after.text, '"'));
  quotes_ = quotes % 2 == 0 && quotes <= kMostQuotes ? quotes : 0;
  std::vector<Stretch> all(1);
  auto add = [&](const std::string& literal) {
    for (char c : literal)
      if (c == '"' && quotes_ > 0)
        all.push_back({.index = all.size()});
      else
        (all.back().pieces.empty() ? all.back().before : all.back().pieces.back().after).text += c;
  };
  add(before);
  for (auto& piece : pieces) {
    all.back().pieces.push_back({.part = piece.part, .list = piece.list, .name = piece.name});
    all.back().parts |= bit(piece.part);
    add(piece.after.text);
  }
  auto& last = all.back();
  open_ = !last.pieces.empty() && last.pieces.back().part == Part::skip && last.pieces.back().after.text.empty();
  for (auto& one : all) {
    one.open = !one.pieces.empty() && one.pieces.back().name == "_";
    if (one.open || !(one.parts & kCountParts))
      while (!one.pieces.empty() && one.pieces.back().part == Part::skip) one.pieces.pop_back();
    one.before.make();
    if (one.index == 0 && !one.before.text.empty()) one.parts |= kBeginning;
    for (auto& piece : one.pieces) {
      piece.padded = quotes_ == 0 && piece.after.text.ends_with("  ");
      if (piece.padded) piece.after.text.erase(piece.after.text.find_last_not_of(' ') + 2);
      piece.after.make(), piece.bit = bit(piece.part);
      piece.to_last = quotes_ > 0 && piece.name == "remote_user" && piece.after.text == " [";
      piece.may_go_on = piece.list || piece.after.text.starts_with('"');
    }
    if (!one.pieces.empty()) stretches_.push_back(std::move(one));
  }
}

template <bool kPadded>
DAVY_INLINE bool Pattern::walk(const Stretch& one, std::string_view text, const Marks& marks, Draft& draft,
                               std::uint32_t wanted) const {
  auto at = text.data(), end = at + text.size();
  if (!one.before.text.empty() && !one.before.at(at, end, marks.readable())) return false;
  at += one.before.text.size();
  for (auto& piece : one.pieces) {
    auto stop = end_of_field(piece, at, end, marks);
    if (!stop) return false;
    if ((piece.bit & wanted) && !draft.take(piece.part, {at, stop})) return false;
    at = stop + piece.after.text.size();
    if (kPadded && piece.padded) at = std::find_if(at, end, [](char c) { return c != ' '; });
  }
  return one.open || at == end;
}

DAVY_INLINE bool Pattern::by_quotes(std::string_view text, const Marks& marks, Draft& draft,
                                    std::uint32_t wanted) const {
  if (text.contains('\\')) return between({text.data(), unescaped(text)}, text, marks, draft, wanted);
  Places<kMostQuotes + 4> found(text, marks);
  return between({text.data(), found.all()}, text, marks, draft, wanted);
}

// Only a stretch that says something of the counts can make a line broken: those who ask for less agree.
DAVY_INLINE bool Pattern::between(Quotes quotes, std::string_view text, const Marks& marks, Draft& draft,
                                  std::uint32_t wanted) const {
  if (quotes.at.size() < quotes_ || (quotes.at.size() > quotes_ && !open_)) return false;
  for (auto& one : stretches_) {
    if (!(one.parts & wanted)) continue;
    auto begin = one.index == 0 ? text.data() : quotes.base + quotes.at[one.index - 1] + 1;
    auto end = one.index == quotes_ ? text.data() + text.size() : quotes.base + quotes.at[one.index];
    if (!walk<false>(one, {begin, end}, marks, draft, wanted) && (one.parts & kCountParts)) return false;
  }
  return true;
}

// Those of a line among all that were found in one look, from `next` on, when they are as many as a line has; else
// none.
DAVY_INLINE Pattern::Quotes Pattern::next_quotes(std::string_view line, const Marks& marks, std::size_t& next) const {
  auto list = marks.list();
  auto begin = static_cast<std::size_t>(line.data() - marks.begin()), end = begin + line.size();
  while (next < list.size() && list[next] < begin) ++next;
  auto last = next + quotes_;
  if (last > list.size() || list[last - 1] >= end || (last < list.size() && list[last] < end)) return {};
  auto first = std::exchange(next, last);
  return {marks.begin(), list.subspan(first, quotes_)};
}

DAVY_INLINE Parsed Pattern::parse_one(std::string_view text, const Marks& marks, Request& out, std::uint32_t wanted,
                                      TimeReader& times, Quotes quotes) const {
  out = kNoRequest;
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  if (text.empty()) return Parsed::other;
  Draft draft(out, upstream_, zone_, times);
  auto read = quotes.base   ? between(quotes, text, marks, draft, wanted)
              : quotes_ > 0 ? by_quotes(text, marks, draft, wanted)
                            : walk<true>(stretches_.front(), text, marks, draft, wanted);
  if (read && draft.finish()) [[likely]]
    return Parsed::line;
  bool no_request = !marker_.empty() && !text.contains(marker_) && !text.contains(" HTTP/");
  return is_message(text) || no_request ? Parsed::other : Parsed::broken;
}

DAVY_FAST Parsed Pattern::parse(std::string_view text, Request& out, Want want) const {
  TimeReader times;
  return parse_one(text, Marks(kDividers, text.data() + text.size()), out, parts_of(want), times, {});
}

DAVY_FAST void Pattern::parse(std::span<LineRead> lines, const Marks& marks, Recent& recent, Want want) const {
  bool listed = quotes_ > 0 && !lines.empty() && marks.covers(lines.back().text) && !marks.escapes();
  auto list = marks.list();
  auto next = listed ? static_cast<std::size_t>(
                           std::ranges::lower_bound(list, lines.front().text.data() - marks.begin()) - list.begin())
                     : 0;
  for (auto& one : lines)
    one.parsed = parse_one(one.text, marks, one.line, parts_of(want), recent.dates,
                           listed ? next_quotes(one.text, marks, next) : Quotes{});
}

}  // namespace davy::signals
