// Signal `sentry`: what Sentry has of each release.
#pragma once
#include "providers/signal/options.h"
#include "providers/signal/steady.h"
#include "signals/systems/sentry_api.h"

namespace davy::providers {

struct SentrySignal {
  std::string url, organization, project, environment, token, query = "event.type:error";
  Duration last = std::chrono::hours(1);
};

ports::HttpRequest sessions_request(const SentrySignal&, Duration timeout);
ports::HttpRequest events_request(const SentrySignal&, Duration timeout);
Result<std::unique_ptr<ports::Source>> sentry_source(SentrySignal, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr auto kFields<providers::SentrySignal> =
    std::tuple{required("sentry", &providers::SentrySignal::url, "its URL, such as https://sentry.io"),
               required("organization", &providers::SentrySignal::organization, "the organization's slug"),
               required("project", &providers::SentrySignal::project, "the project's number"),
               required("token", &providers::SentrySignal::token, "$NAME of a secret: a token with scope org:read"),
               optional("environment", &providers::SentrySignal::environment, "only this environment's"),
               optional("query", &providers::SentrySignal::query, "which events count, in Sentry's own search"),
               optional("last", &providers::SentrySignal::last,
                        "events and sessions of so long; Sentry rounds sessions to hours")};

}  // namespace davy::spec
