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
  std::vector<std::string> ignore;
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

template <>
inline constexpr std::string_view kShort<providers::LogSignal> = "log";
template <>
inline constexpr auto kFields<providers::LogSignal> = std::tuple{
    required(
        "log", &providers::LogSignal::place,
        "a file (it may be rotated, and need not be there yet), unix:PATH or udp:ADDRESS:PORT that Davy binds and a "
        "server sends to, journald:UNIT, docker:CONTAINER, command:… of which the output are the lines, or - for the "
        "standard input"),
    optional(
        "format", &providers::LogSignal::format,
        "haproxy, nginx, apache, json, json:caddy, json:traefik, json:envoy, json:status=NAME,…, or a pattern as in "
        "nginx's log_format or Apache's LogFormat; told from the first lines where it is not said"),
    optional("ignore", &providers::LogSignal::ignore,
             "paths that are no users, such as [/health, /metrics*]; a * at the end stands for any rest"),
    optional("only", &providers::LogSignal::only,
             "a text that the lines about requests have; others are passed over: a container says other things too"),
    optional("client", &providers::LogSignal::client,
             "the field that names the client, such as http_x_forwarded_for; default: the address"),
    optional("server-by", &providers::LogSignal::server_by,
             "the field that names the server, or path:N, the first N segments of the path; default: the format's own"),
    optional("release-by", &providers::LogSignal::release_by,
             "the field that names the release, or path:N, or capture:N of HAProxy's httplog"),
    optional("writers", &providers::LogSignal::writers,
             "unix: who may write to the socket besides its owner, when the server runs as another user")};

}  // namespace davy::spec
