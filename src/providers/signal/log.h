// Signal `log`: a traffic log of any server, from wherever it is written to.
#pragma once
#include "providers/signal/haproxy.h"
#include "signals/formats/format.h"

namespace davy::providers {

// A name alone, such as `nginx`, and nothing at all are told from the first lines: what stands behind the user agent is
// read as well.
struct LogFormat {
  std::string text;
  bool guessed() const { return signals::Format::is_guessed(text); }
  bool operator==(const LogFormat&) const = default;
};

struct LogSignal {
  ports::LogPlace place;
  LogFormat format;
  std::vector<std::string> ignore, paths;
  std::string only, client, server_by, release_by;
  ports::Writers writers = ports::Writers::owner;
};

signals::FormatOptions format_options(const LogSignal&);

// As it is said; where it is guessed, only whether the options can be. Invalid: they name what no such format has.
Result<signals::Format> format_of(const LogSignal&);

}  // namespace davy::providers

namespace davy::spec {

template <>
struct Leaf<providers::LogFormat> {
  static constexpr std::string_view kNoun =
      "haproxy, nginx, apache, json, json:caddy, json:status=NAME,…, or a pattern as in nginx's log_format";
  static std::optional<providers::LogFormat> parse(const Value& v) {
    auto text = scalar_text(v);
    if (!text || !signals::Format::from(*text)) return std::nullopt;
    return providers::LogFormat{*text};
  }
  static Json print(const providers::LogFormat& f) { return f.text; }
  static Json schema() { return {{"type", "string"}}; }
};
// Their tables: shared_fields.cc
template <>
inline constexpr bool kApart<providers::LogSignal> = true;

}  // namespace davy::spec
