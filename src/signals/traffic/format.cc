#include "signals/traffic/format.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "signals/traffic/figures.h"

namespace davy::signals {
namespace {

constexpr std::string_view kCombined =
    R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent")";
constexpr std::string_view kCommon = R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent)";
constexpr std::string_view kApacheCombined = R"(%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i")";
constexpr std::string_view kHint =
    "formats: haproxy, nginx, apache, json, json:caddy, json:traefik, json:envoy, json:status=NAME,…, or a pattern "
    "such as "
    "'$remote_addr [$time_local] \"$request\" $status $request_time'";

std::unexpected<Error> wrong(std::string message) {
  return fail(Code::invalid, std::move(message), std::string(kHint));
}

// "path:2" -> 2, "capture:1" -> 1; -1: something else.
int number_behind(std::string_view text, std::string_view word) {
  std::int64_t n = 0;
  return text.starts_with(word) && read_digits(text.substr(word.size()), n) && n < 100 ? static_cast<int>(n) : -1;
}

std::string_view first_segments(std::string_view path, int segments) {
  path = path.substr(0, path.find('?'));
  std::size_t end = 0;
  for (; segments > 0 && end < path.size(); --segments) end = std::min(path.find('/', end + 1), path.size());
  return path.substr(0, end);
}

Result<HaproxyOptions> haproxy(const FormatOptions& options) {
  HaproxyOptions out{.zone = options.zone};
  if (!options.release.empty() && !options.release.starts_with("path:")) {
    out.release_in = number_behind(options.release, "capture:");
    if (out.release_in < 0)
      return fail(Code::invalid, fmt::format("HAProxy's log has no field `{}`", options.release),
                  "capture:N takes the N-th value captured in {…}, path:N the first N segments of the path");
  }
  if (!options.client.empty() || (!options.server.empty() && !options.server.starts_with("path:")))
    return fail(Code::invalid, "HAProxy's log says server and client in fields of their own");
  return out;
}

// One field behind the user agent: what its value looks like tells what it is.
Part part_of_value(std::string_view value, bool seconds_taken) {
  Duration ignored{};
  if (!value.empty() && value.find_first_not_of("0123456789.") == value.npos && value.contains('.') &&
      read_latency(value, std::chrono::seconds(1), ignored) && std::ranges::count(value, '.') == 1)
    return seconds_taken ? Part::skip : Part::seconds;
  if (value.contains(':') &&
      (value.starts_with("unix:") || value.find_first_not_of("0123456789.:[]abcdef, ") == value.npos))
    return Part::upstream;
  return Part::skip;
}

// The text behind "user agent" as pieces of a pattern: key=value, key="value", "value" or value, with spaces between.
class Tail {
 public:
  explicit Tail(std::string_view text) : left_(text) {}
  std::string pattern() {
    while (!left_.empty()) one();
    return std::move(out_);
  }

 private:
  void one() {
    auto begin = left_.find_first_not_of(' ');
    out_ += left_.substr(0, std::min(begin, left_.size()));
    left_.remove_prefix(std::min(begin, left_.size()));
    auto stop = left_.find_first_of(" =\"");
    if (stop != left_.npos && left_[stop] == '=') {
      key_ = left_.substr(0, stop);
      out_ += left_.substr(0, stop + 1);
      left_.remove_prefix(stop + 1);
    }
    bool quoted = left_.starts_with('"');
    auto end = quoted ? left_.find('"', 1) : left_.find(' ');
    // A list goes on behind its comma.
    while (!quoted && end != left_.npos && end > 0 && (left_[end - 1] == ',' || left_[end - 1] == ':'))
      end = left_.find(' ', end + 1);
    auto value = quoted ? left_.substr(1, end == left_.npos ? end : end - 1) : left_.substr(0, end);
    auto name = name_of(value);
    out_ += quoted ? "\"" + name + "\"" : name;
    left_.remove_prefix(std::min(end == left_.npos ? end : end + (quoted ? 1 : 0), left_.size()));
    key_ = {};
  }

  std::string name_of(std::string_view value) {
    if (key_ == "urt" || key_ == "upstream_response_time") return "$upstream_response_time";
    if (key_ == "ua" || key_ == "upstream" || key_ == "upstream_addr" || key_ == "addr") return "$upstream_addr";
    if (part_of(key_) != Part::skip) return "$" + std::string(key_);
    switch (part_of_value(value, seconds_)) {
      case Part::seconds:
        seconds_ = key_.empty() || key_ == "rt" || key_.starts_with("request") || key_.starts_with("t");
        return seconds_ ? "$request_time" : "$_";
      case Part::upstream:
        return std::exchange(upstream_, true) ? "$_" : "$upstream_addr";
      default:
        return "$_";
    }
  }

  std::string_view left_, key_;
  std::string out_;
  bool seconds_ = false, upstream_ = false;
};

// Apache's is all figures: %D is microseconds, and %T seconds hardly ever reach four digits.
std::string apache_tail(std::string_view tail) {
  auto value = trimmed(tail);
  if (value.empty() || value.find_first_not_of("0123456789") != value.npos) return "";
  return std::string(tail.substr(0, tail.find_first_of("0123456789"))) + (value.size() > 3 ? "%D" : "%T");
}

std::size_t closing_quote(std::string_view text, std::size_t from) {
  for (auto at = text.find('"', from); at != text.npos; at = text.find('"', at + 1))
    if (text[at - 1] != '\\') return at;
  return text.npos;
}

// Where the n-th quoted field has ended; npos: there are fewer.
std::size_t behind_quotes(std::string_view text, int fields) {
  std::size_t at = 0;
  for (int i = 0; i < fields; ++i) {
    auto open = text.find('"', at);
    auto close = open == text.npos ? open : closing_quote(text, open + 1);
    if (close == text.npos) return text.npos;
    at = close + 1;
  }
  return at;
}

// Patterns that may be this line's, those that say most first.
std::vector<std::string> patterns_for(std::string_view line, std::string_view only) {
  std::vector<std::string> out;
  auto bracket = line.find(" [");
  if (bracket == line.npos) return out;
  if (auto end = behind_quotes(line, 3); end != line.npos) {
    auto tail = line.substr(end);
    if (auto apache = apache_tail(tail); only != "nginx" && !apache.empty())
      out.push_back(std::string(kApacheCombined) + apache);
    if (only != "apache") out.push_back(std::string(kCombined) + Tail(tail).pattern());
    out.push_back(std::string(only == "apache" ? kApacheCombined : kCombined) + (only == "apache" ? "%_" : "$_"));
  }
  if (auto end = behind_quotes(line, 1); end != line.npos && only != "apache") {
    auto tail = line.substr(end);
    auto bytes = tail.find(' ', std::min<std::size_t>(5, tail.size()));
    if (bytes != tail.npos) out.push_back(std::string(kCommon) + Tail(tail.substr(bytes)).pattern());
    out.emplace_back(kCommon);
  }
  return out;
}

// Those who know their fields best come first: with as many lines read, the first stays.
std::vector<Format> candidates(std::span<const std::string_view> lines, const FormatOptions& options,
                               std::string_view only) {
  std::vector<Format> out;
  std::vector<std::string> texts;
  auto add = [&](const std::string& text) {
    if (std::ranges::find(texts, text) != texts.end()) return;
    texts.push_back(text);
    if (auto format = Format::from(text, options)) out.push_back(std::move(*format));
  };
  if (only.empty() || only == "haproxy") add("haproxy");
  auto is_json = [](auto line) { return trimmed(line).starts_with('{'); };
  if ((only.empty() && std::ranges::any_of(lines, is_json)) || only == "json")
    for (auto text : {"json:caddy", "json:traefik", "json:envoy", "json:nginx", "json"}) add(text);
  if (only.empty() || only == "nginx" || only == "apache")
    for (auto line : lines)
      for (auto& text : patterns_for(line, only)) add(text);
  return out;
}

// How much a format gets out of the lines: each line counts most, then what it says.
std::uint64_t worth(const Format& format, std::span<const std::string_view> lines) {
  std::uint64_t read = 0, said = 0;
  for (auto text : lines) {
    Request line;
    if (format.parse(text, line) != Parsed::line) continue;
    ++read;
    said += line.end.has_value() + (line.latency > Duration{}) + !line.server.empty() + !line.path.empty() +
            !line.client.empty();
  }
  return read * 1000 + said;
}

}  // namespace

Result<Format> Format::of(Is is, const FormatOptions& options) {
  Format out;
  out.is_ = std::move(is);
  out.server_segments_ = std::max(number_behind(options.server, "path:"), 0);
  out.release_segments_ = std::max(number_behind(options.release, "path:"), 0);
  for (auto& text : {options.server, options.release})
    if (text.starts_with("path:") && number_behind(text, "path:") < 1)
      return fail(Code::invalid, fmt::format("`{}`: path:N takes the first N segments of the path", text));
  return out;
}

Result<Format> Format::from(std::string_view text, const FormatOptions& options) {
  auto made = [&](auto result) -> Result<Format> {
    if (!result) return std::unexpected(result.error());
    return of(std::move(*result), options);
  };
  if (text == "haproxy") return made(haproxy(options));
  if (text == "nginx") return made(Pattern::compile(std::string(kCombined) + "$_", options));
  if (text == "apache") return made(Pattern::compile(std::string(kApacheCombined) + "%_", options));
  if (text == "json") return made(JsonLog::of(JsonLog::usual(""), options));
  if (text.starts_with("json:")) {
    auto what = text.substr(5);
    if (auto fields = JsonLog::usual(what); !what.empty() && !fields.empty()) return made(JsonLog::of(fields, options));
    auto named = JsonLog::named(what);
    if (!named) return std::unexpected(named.error());
    return made(JsonLog::of(std::move(*named), options));
  }
  if (text.contains('$') || text.contains('%')) return made(Pattern::compile(text, options));
  return wrong(fmt::format("there is no log format `{}`", text));
}

Result<Format> Format::guess(std::span<const std::string_view> lines, const FormatOptions& options,
                             std::string_view only) {
  const Format* best = nullptr;
  std::uint64_t most = 999;
  auto all = candidates(lines, options, only);
  for (auto& format : all)
    if (auto found = worth(format, lines); found > most) most = found, best = &format;
  if (best) return *best;
  if (only == "haproxy")
    if (auto told = haproxy(options); !told) return std::unexpected(told.error());
  return wrong(only.empty() ? "the log's format cannot be told from its first lines"
                            : fmt::format("none of the log's first lines is of the format {}", only));
}

std::string Format::name() const {
  if (auto pattern = std::get_if<Pattern>(&is_)) return pattern->text();
  return std::holds_alternative<HaproxyOptions>(is_) ? "haproxy" : "json";
}

Dividers Format::dividers() const {
  return std::holds_alternative<HaproxyOptions>(is_) ? kHaproxyDividers
         : std::holds_alternative<Pattern>(is_)      ? Pattern::kDividers
                                                     : JsonLog::kDividers;
}

void Format::parse(std::span<LineRead> lines, const Marks& marks, Recent& recent, Want want) const {
  bool paths = server_segments_ + release_segments_ > 0;
  if (paths) want = want | Want::path;
  if (auto haproxy = std::get_if<HaproxyOptions>(&is_))
    parse_haproxy(lines, marks, recent, want, *haproxy);
  else if (auto pattern = std::get_if<Pattern>(&is_))
    pattern->parse(lines, marks, recent, want);
  else
    std::get<JsonLog>(is_).parse(lines, marks, recent, want);
  for (auto& one : lines)
    if (paths && one.parsed == Parsed::line) by_path(one.line);
}

void Format::by_path(Request& line) const {
  if (server_segments_ > 0) line.server = first_segments(line.path, server_segments_);
  if (release_segments_ > 0) line.release = first_segments(line.path, release_segments_);
}

}  // namespace davy::signals
