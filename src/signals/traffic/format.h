// In what format a traffic log is written: one value that turns a line into a Line. Made from what a plan or a command
// line says, or guessed from the log's own first lines.
#pragma once
#include <span>
#include <variant>

#include "signals/traffic/haproxy_log.h"
#include "signals/traffic/json_log.h"
#include "signals/traffic/pattern.h"

namespace davy::signals {

class Format {
 public:
  Format() = default;  // HAProxy: Davy's own log-format and httplog, raw or behind a syslog header

  // haproxy · nginx, apache: "combined", what follows is passed over · json, json:nginx, json:caddy, json:traefik,
  // json:envoy, json:WHAT=NAME,… · any text with $name or %-letters in it: a pattern. Invalid: none of these, or the
  // options name what the format has not.
  static Result<Format> from(std::string_view text, const FormatOptions& = {});

  // The format that reads most of these lines, the trailing fields of nginx and Apache included. `only` (haproxy,
  // nginx, apache, json; empty: any) is what somebody knows already. Invalid: it reads none of them.
  static Result<Format> guess(std::span<const std::string_view> lines, const FormatOptions& = {},
                              std::string_view only = {});

  Parsed parse(std::string_view text, Request& out, Want want = Want::all) const {
    if (server_segments_ + release_segments_ > 0) want = want | Want::path;
    auto parsed = std::holds_alternative<HaproxyOptions>(is_) ? parse_haproxy(text, out, want, std::get<0>(is_))
                  : std::holds_alternative<Pattern>(is_)      ? std::get<1>(is_).parse(text, out, want)
                                                              : std::get<2>(is_).parse(text, out, want);
    if (server_segments_ + release_segments_ > 0 && parsed == Parsed::line) by_path(out);
    return parsed;
  }

  // The same of each of these lines, quicker; the marks are those of this format's dividers.
  void parse(std::span<LineRead>, const Marks&, Recent&, Want) const;
  Dividers dividers() const;

  // "haproxy", "json", or the pattern's text.
  std::string name() const;
  bool operator==(const Format&) const = default;

 private:
  using Is = std::variant<HaproxyOptions, Pattern, JsonLog>;
  static Result<Format> of(Is, const FormatOptions&);
  void by_path(Request&) const;

  Is is_;
  int server_segments_ = 0, release_segments_ = 0;
};

}  // namespace davy::signals
