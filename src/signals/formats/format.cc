#include "signals/formats/format.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "signals/formats/format_words.h"
#include "signals/formats/known_formats.h"
#include "signals/traffic/figures.h"

namespace davy::signals {
namespace {

constexpr std::string_view kCombined =
    R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent")";
constexpr std::string_view kApacheCombined = R"(%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i")";
std::unexpected<Error> wrong(std::string message) {
  return fail(Code::invalid, std::move(message), std::string(kFormatsHint));
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

Result<TraefikLog> traefik(const FormatOptions& options) {
  for (auto& name : {options.server, options.release, options.client})
    if (!name.empty() && !name.starts_with("path:"))
      return fail(Code::invalid, fmt::format("Traefik's text has no field `{}`", name),
                  "Traefik writes more as JSON: format: json");
  return TraefikLog();
}

Result<Pattern> known_pattern(const KnownFormat& known, const FormatOptions& options) {
  auto out = Pattern::compile(known.pattern, options);
  if (out) out->set_marker(known.marker);
  return out;
}

}  // namespace

Result<Format> Format::of(Is is, const FormatOptions& options) {
  Format out;
  out.is_ = std::move(is);
  if (!options.release.contains(':')) out.release_by_ = options.release;
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
  if (text == "apache" || text == "tomcat" || text == "jetty")
    return made(Pattern::compile(std::string(kApacheCombined) + "%_", options));
  if (text == "traefik") return made(traefik(options));
  if (auto known = known_format(text == "w3c" ? "iis" : text)) return made(known_pattern(*known, options));
  if (auto fields = PairsLog::usual(text); !fields.empty()) return made(PairsLog::of(fields, options));
  if (text.starts_with("logfmt:")) {
    auto named = JsonLog::named(text.substr(7));
    if (!named) return std::unexpected(named.error());
    return made(PairsLog::of(std::move(*named), options));
  }
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

std::string Format::name() const {
  if (auto pattern = std::get_if<Pattern>(&is_)) return pattern->text();
  if (std::holds_alternative<HaproxyOptions>(is_)) return "haproxy";
  if (std::holds_alternative<TraefikLog>(is_)) return "traefik";
  return std::holds_alternative<PairsLog>(is_) ? "logfmt" : "json";
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
  else if (auto json = std::get_if<JsonLog>(&is_))
    json->parse(lines, marks, recent, want);
  else
    for (auto& one : lines) one.parsed = parse_rarer(one.text, one.line, want);
  for (auto& one : lines)
    if (paths && one.parsed == Parsed::line) by_path(one.line);
}

Parsed Format::parse_rarer(std::string_view text, Request& out, Want want) const {
  if (auto pairs = std::get_if<PairsLog>(&is_)) return pairs->parse(text, out, want);
  return std::get<TraefikLog>(is_).parse(text, out, want);
}

void Format::by_path(Request& line) const {
  if (server_segments_ > 0) line.server = first_segments(line.path, server_segments_);
  if (release_segments_ > 0) line.release = first_segments(line.path, release_segments_);
  // The path says whose it is, and whoever answered in its place did so for it.
  bool nobody = line.outcome == Outcome::unreached || line.outcome == Outcome::unserved;
  if (nobody && line.status >= 500 && line.termination.empty()) line.outcome = Outcome::error;
}

}  // namespace davy::signals
