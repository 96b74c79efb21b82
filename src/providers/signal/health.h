// Signal `health`: what a health endpoint says of the service and of each of its parts.
#pragma once
#include "providers/signal/options.h"
#include "providers/signal/steady.h"
#include "signals/systems/health_report.h"

namespace davy::providers {

struct HealthSignal {
  std::string url, token, user, password;
  std::map<std::string, std::string> headers;
  spec::Measures unit = {};
};

// States and numbers of one answer. Any status that a health endpoint may give is an answer: a 503 says "not well".
Result<judge::Window> observed(const HealthSignal&, const ports::HttpAnswer&);
Result<std::unique_ptr<ports::Source>> health_source(HealthSignal, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::HealthSignal> = "health";
template <>
inline constexpr auto kFields<providers::HealthSignal> =
    std::tuple{required("health", &providers::HealthSignal::url, "URL that answers with JSON, or with a word"),
               optional("unit", &providers::HealthSignal::unit,
                        "by name, what a number of the page means: { database.latency: ms, pool: percent }; one that "
                        "stands there with its unit (15ms, took_ms) needs one of that kind"),
               optional("headers", &providers::HealthSignal::headers, "headers to send"),
               optional("token", &providers::HealthSignal::token, "$NAME of a secret, sent as Bearer"),
               optional("user", &providers::HealthSignal::user, "user for Basic authorization"),
               optional("password", &providers::HealthSignal::password, "$NAME of a secret")};

}  // namespace davy::spec
