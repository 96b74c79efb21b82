// Answers of Sentry's API (docs.sentry.io/api): release health sessions, and events in table form.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"

namespace davy::signals {

// series -> release, as Sentry calls it ("shop@3") -> number.
using SentryNumbers = std::map<std::string, std::map<std::string, double>>;

// GET …/sessions/ grouped by release: sessions, crash_free_sessions, crash_free_users (shares; nothing where Sentry
// says null, which it does while there were none).
Result<SentryNumbers> parse_sentry_sessions(std::string_view body);

// GET …/events/ with the fields release and count(): events.
Result<SentryNumbers> parse_sentry_events(std::string_view body);

// The "detail" of an error answer, printable; empty when there is none.
std::string sentry_detail(std::string_view body);

}  // namespace davy::signals
