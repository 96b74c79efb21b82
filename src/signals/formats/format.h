// In what format a traffic log is written: one value that turns a line into a Line. Made from what a plan or a command
// line says, or guessed from the log's own first lines.
#pragma once
#include <span>
#include <variant>

#include "signals/formats/haproxy_log.h"
#include "signals/formats/json_log.h"
#include "signals/formats/pairs_log.h"
#include "signals/formats/pattern.h"
#include "signals/formats/traefik_log.h"
#include "signals/traffic/wrapping.h"

namespace davy::signals {

class Format {
 public:
  Format() = default;  // HAProxy: Davy's own log-format and httplog, raw or behind a syslog header

  // haproxy · nginx, apache, tomcat, jetty: "combined", what follows is passed over · those of known_formats.h,
  // traefik, w3c · json, json:nginx, json:pino and the like, json:WHAT=NAME,… · logfmt, heroku, lograge,
  // logfmt:WHAT=NAME,… · any text with $name or %-letters in it: a pattern. Invalid: none of these, or the options name
  // what the format has not.
  static Result<Format> from(std::string_view text, const FormatOptions& = {});

  // Whether this name leaves something to be told from the lines (`guess`), as a pattern does not.
  static bool is_guessed(std::string_view text);

  // The format that reads most of these lines, the trailing fields of nginx and Apache and what stands around the lines
  // included. `only` (a name of above; empty: any) is what somebody knows already. What may be several things is taken
  // for none. Invalid: it reads none of them; the first line and the reason are told.
  static Result<Format> guess(std::span<const std::string_view> lines, const FormatOptions& = {},
                              std::string_view only = {});

  // What was told from these lines: which field was taken for what, and what was not found, as a sentence for people.
  // Of a format that was not guessed its name.
  std::string taken_for() const { return taken_for_.empty() ? name() : taken_for_; }

  // The same of a format that was given, from some of its lines: a name that nobody knows, or a line that does not have
  // what it should, is no mistake of syntax.
  std::string found_in(std::span<const std::string_view>) const;

  // What stands around each line and comes off first (Unwrapper): `parse` is handed what is left.
  Wrapping wrapping() const { return wrapping_; }
  void wrap(Wrapping wrapping) { wrapping_ = wrapping; }
  // Whether these lines are read only once what surely stands around them is off; then it is set.
  bool find_wrapping(std::span<const std::string_view> lines);

  Parsed parse(std::string_view text, Request& out, Want want = Want::all) const {
    if (server_segments_ + release_segments_ > 0) want = want | Want::path;
    auto parsed = std::holds_alternative<HaproxyOptions>(is_) ? parse_haproxy(text, out, want, std::get<0>(is_))
                  : std::holds_alternative<Pattern>(is_)      ? std::get<1>(is_).parse(text, out, want)
                  : std::holds_alternative<JsonLog>(is_)      ? std::get<2>(is_).parse(text, out, want)
                                                              : parse_rarer(text, out, want);
    if (server_segments_ + release_segments_ > 0 && parsed == Parsed::line) by_path(out);
    return parsed;
  }

  // The same of each of these lines, quicker; the marks are those of this format's dividers.
  void parse(std::span<LineRead>, const Marks&, Recent&, Want) const;
  Dividers dividers() const;

  // "haproxy", "json", "logfmt", "traefik", or the pattern's text.
  std::string name() const;
  bool operator==(const Format&) const = default;

 private:
  friend class FormatGuesser;
  using Is = std::variant<HaproxyOptions, Pattern, JsonLog, PairsLog, TraefikLog>;
  static Result<Format> of(Is, const FormatOptions&);
  Parsed parse_rarer(std::string_view, Request&, Want) const;
  void by_path(Request&) const;
  std::string said(std::span<const std::string_view>, std::string_view name, std::string doubt) const;

  Is is_;
  Wrapping wrapping_;
  std::string taken_for_;
  std::string release_by_;  // the field that names the release, where somebody said one
  int server_segments_ = 0, release_segments_ = 0;
};

}  // namespace davy::signals
