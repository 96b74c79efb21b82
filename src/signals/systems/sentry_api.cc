#include "signals/systems/sentry_api.h"

#include <cmath>

#include "base/text.h"
#include "spec/json.h"

namespace davy::signals {
namespace {

using spec::Json;

constexpr std::size_t kMostReleases = 1000;

const Json* member(const Json& j, const char* key) {
  if (!j.is_object()) return nullptr;
  auto found = j.find(key);
  return found == j.end() ? nullptr : &*found;
}

// Sentry writes null for events of no release; they belong to the whole service.
std::string release_of(const Json* j) {
  return j && j->is_string() ? printable(j->get_ref<const std::string&>().substr(0, 250)) : "";
}

void put(const Json& row, const char* field, const std::string& release, std::map<std::string, double>& out) {
  auto found = member(row, field);
  if (found && found->is_number() && std::isfinite(found->get<double>()) && out.size() < kMostReleases)
    out[release] = found->get<double>();
}

Result<Json> list_in(std::string_view body, const char* key) {
  auto json = spec::parse_json(body);
  auto list = json ? member(*json, key) : nullptr;
  if (!list || !list->is_array())
    return fail(Code::invalid, "the answer is not one of Sentry's API: " + printable(body.substr(0, 60)));
  return *list;
}

}  // namespace

Result<SentryNumbers> parse_sentry_sessions(std::string_view body) {
  auto groups = list_in(body, "groups");
  if (!groups) return std::unexpected(groups.error());
  SentryNumbers out;
  for (auto& group : *groups) {
    auto by = member(group, "by"), totals = member(group, "totals");
    if (!by || !totals) continue;
    auto release = release_of(member(*by, "release"));
    put(*totals, "sum(session)", release, out["sessions"]);
    put(*totals, "crash_free_rate(session)", release, out["crash_free_sessions"]);
    put(*totals, "crash_free_rate(user)", release, out["crash_free_users"]);
  }
  return out;
}

Result<SentryNumbers> parse_sentry_events(std::string_view body) {
  auto rows = list_in(body, "data");
  if (!rows) return std::unexpected(rows.error());
  SentryNumbers out;
  for (auto& row : *rows) put(row, "count()", release_of(member(row, "release")), out["events"]);
  return out;
}

std::string sentry_detail(std::string_view body) {
  auto json = spec::parse_json(body);
  auto detail = json ? member(*json, "detail") : nullptr;
  if (detail && detail->is_object()) detail = member(*detail, "message");
  return detail && detail->is_string() ? printable(detail->get_ref<const std::string&>().substr(0, 200)) : "";
}

}  // namespace davy::signals
