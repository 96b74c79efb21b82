// Signal `lines`: an application's own log. Named patterns, lines of error level, error patterns that are new.
#pragma once
#include <functional>

#include "providers/signal/log_place.h"
#include "providers/signal/steady.h"
#include "signals/words/line_account.h"

namespace davy::providers {

// A log as others, or `service:shop`: what the instances of a service on platform `process` print, by release; and of
// one on `supervisor` or `systemd`.
struct LinesPlace {
  ports::LogPlace log;
  std::string service;  // empty: it is a log
  bool operator==(const LinesPlace&) const = default;
};

struct LinesSignal {
  LinesPlace place;
  std::map<std::string, std::string> patterns;
  std::string only, release_by;
  ports::Writers writers = ports::Writers::owner;
};

// Where a service prints to, looked up anew at each call.
struct Printed {
  std::string key, release;  // release: empty where one slot is everybody's
  ports::LogPlace log;
  bool lives = false;
};
using WherePrinted = std::function<ports::Task<std::vector<Printed>>()>;
Result<WherePrinted> where_printed(const std::string& service, ports::Outside&, const ports::Asking&);

std::vector<signals::NamedPattern> patterns_of(const std::map<std::string, std::string>&);

// While lines may be missing a look is an Error that says why; what was counted meanwhile comes with the next one.
Result<std::unique_ptr<ports::Source>> lines_source(LinesSignal, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
struct Leaf<providers::LinesPlace> {
  static constexpr std::string_view kService = "service:";
  static constexpr std::string_view kNoun =
      "service:NAME, a file, unix:PATH, udp:ADDRESS:PORT, journald:UNIT, docker:CONTAINER, command:…, or -";
  static std::optional<providers::LinesPlace> parse(const Value& v) {
    auto text = scalar_text(v);
    if (text && text->starts_with(kService)) {
      auto name = std::string(trimmed(std::string_view(*text).substr(kService.size())));
      return name.empty() ? std::nullopt : std::optional(providers::LinesPlace{{}, name});
    }
    auto log = Leaf<ports::LogPlace>::parse(v);
    return log ? std::optional(providers::LinesPlace{*std::move(log), ""}) : std::nullopt;
  }
  static Json print(const providers::LinesPlace& p) {
    return p.service.empty() ? Leaf<ports::LogPlace>::print(p.log) : Json(std::string(kService) + p.service);
  }
  static Json schema() { return {{"type", "string"}}; }
};

template <>
inline constexpr std::string_view kShort<providers::LinesSignal> = "lines";
template <>
inline constexpr auto kFields<providers::LinesSignal> = std::tuple{
    required(
        "lines", &providers::LinesSignal::place,
        "where the application's log comes from, as for signal `log`: a file (it may be rotated, and need not be "
        "there yet), unix:PATH, udp:ADDRESS:PORT, journald:UNIT, docker:CONTAINER, command:… or -; or service:NAME, "
        "what the instances of a service on platform `process` print, by release, of one on `supervisor` into its log "
        "files, and of one on `systemd` into the journal"),
    optional("patterns", &providers::LinesSignal::patterns,
             "names and regular expressions (RE2); `app.NAME` is how many lines have it. Beside the usual ones: ERROR, "
             "WARN, SLOW_QUERY, CACHE_MISS, AUTH_FAILURE, RATE_LIMIT; one of the same name takes the usual one's "
             "place, an empty one takes it away"),
    optional("only", &providers::LinesSignal::only, "a text that the application's lines have; others are passed over"),
    optional("release-by", &providers::LinesSignal::release_by,
             "what of a line names its release: a key of JSON or key=value, or a regular expression with one group, "
             "such as 'release=([^ ]+)'"),
    optional("writers", &providers::LinesSignal::writers,
             "unix: who may write to the socket besides its owner, when the application runs as another user")};

}  // namespace davy::spec
