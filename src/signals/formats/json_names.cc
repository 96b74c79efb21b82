// What the fields of a JSON log are called, by product and by whoever writes `json:WHAT=NAME`.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "signals/formats/json_products.h"

namespace davy::signals {

namespace {

struct UnitOf {
  std::string_view suffix;
  Part part;
};
constexpr UnitOf kUnits[] = {
    {":s", Part::seconds}, {":ms", Part::milliseconds}, {":us", Part::microseconds}, {":ns", Part::nanoseconds}};

// "took:ms" is `took` in milliseconds, "took" in seconds; false for "took:millis".
bool take_unit(JsonField& field) {
  auto colon = field.name.rfind(':');
  if (colon == field.name.npos || colon == 0) return true;
  auto unit = std::ranges::find(kUnits, std::string_view(field.name).substr(colon), &UnitOf::suffix);
  if (unit == std::end(kUnits)) return false;
  field = {field.name.substr(0, colon), unit->part};
  return true;
}

struct Word {
  std::string_view word;
  Part part;
};
constexpr Word kWords[] = {
    {"status", Part::status}, {"latency", Part::seconds},   {"time", Part::time},       {"start", Part::start},
    {"server", Part::server}, {"backend", Part::backend},   {"release", Part::release}, {"client", Part::client},
    {"method", Part::method}, {"path", Part::path},         {"request", Part::request}, {"host", Part::host},
    {"bytes", Part::bytes},   {"upstream", Part::upstream}, {"grpc", Part::grpc},       {"failed", Part::failed}};

const std::vector<JsonField>& nginx_names() {
  static const std::vector<JsonField> all = [] {
    std::vector<JsonField> out;
    for (auto name : {"time_iso8601",
                      "msec",
                      "time_local",
                      "time",
                      "remote_addr",
                      "request",
                      "request_method",
                      "method",
                      "request_uri",
                      "uri",
                      "path",
                      "http_host",
                      "host",
                      "status",
                      "body_bytes_sent",
                      "bytes_sent",
                      "bytes",
                      "request_time",
                      "upstream_addr",
                      "upstream_response_time",
                      "upstream_status",
                      "client",
                      "server",
                      "backend"})
      out.push_back({name, name == std::string_view("request_time") ? Part::decimals : part_of(name)});
    for (auto name : {"@timestamp", "timestamp", "ts"}) out.push_back({name, Part::time});
    return out;
  }();
  return all;
}

const std::vector<JsonField>& caddy_names() {
  static const std::vector<JsonField> all = {
      {"ts", Part::time},
      {"duration", Part::decimals},
      {"status", Part::status},
      {"size", Part::bytes},
      {"request.client_ip", Part::client},
      {"request.remote_ip", Part::client},
      {"request.remote_addr", Part::client},
      {"request.method", Part::method},
      {"request.uri", Part::path},
      {"request.host", Part::host},
  };
  return all;
}

const std::vector<JsonField>& traefik_names() {
  static const std::vector<JsonField> all = {
      {"StartUTC", Part::start},          {"time", Part::time},
      {"StartLocal", Part::start},        {"Duration", Part::nanoseconds},
      {"DownstreamStatus", Part::status}, {"DownstreamContentSize", Part::bytes},
      {"ClientHost", Part::client},       {"ClientAddr", Part::client},
      {"RequestMethod", Part::method},    {"RequestPath", Part::path},
      {"RequestHost", Part::host},        {"ServiceName", Part::backend},
      {"ServiceAddr", Part::server},      {"ServiceURL.Host", Part::server},
      {"ServiceURL", Part::server},
  };
  return all;
}

const std::vector<JsonField>& envoy_names() {
  static const std::vector<JsonField> all = {
      {"start_time", Part::start},
      {"duration", Part::milliseconds},
      {"response_code", Part::status},
      {"grpc_status", Part::grpc},
      {"bytes_sent", Part::bytes},
      {"x_forwarded_for", Part::forwarded},
      {"downstream_remote_address", Part::client},
      {"method", Part::method},
      {"path", Part::path},
      {"authority", Part::host},
      {":authority", Part::host},
      {"upstream_cluster", Part::backend},
      {"upstream_host", Part::upstream},
      {"response_flags", Part::flags},
  };
  return all;
}

const std::vector<JsonField>& common_names() {
  static const std::vector<JsonField> all = [] {
    auto out = nginx_names();
    for (auto& [name, part] : std::initializer_list<Word>{{"status_code", Part::status},
                                                          {"statusCode", Part::status},
                                                          {"response_code", Part::status},
                                                          {"http.response.status_code", Part::status},
                                                          {"http.status_code", Part::status},
                                                          {"res.statusCode", Part::status},
                                                          {"code", Part::status},
                                                          {"grpc_status", Part::grpc},
                                                          {"duration", Part::length},
                                                          {"latency", Part::length},
                                                          {"elapsed", Part::length},
                                                          {"took", Part::length},
                                                          {"duration_ms", Part::milliseconds},
                                                          {"durationMs", Part::milliseconds},
                                                          {"latency_ms", Part::milliseconds},
                                                          {"elapsed_ms", Part::milliseconds},
                                                          {"took_ms", Part::milliseconds},
                                                          {"response_time_ms", Part::milliseconds},
                                                          {"duration_seconds", Part::seconds},
                                                          {"responseTime", Part::length},
                                                          {"response_time", Part::length},
                                                          {"event.duration", Part::nanoseconds},
                                                          {"client_ip", Part::client},
                                                          {"remote_ip", Part::client},
                                                          {"client.ip", Part::client},
                                                          {"ip", Part::client},
                                                          {"url.path", Part::path},
                                                          {"url", Part::path},
                                                          {"req.url", Part::path},
                                                          {"req.method", Part::method},
                                                          {"http.request.method", Part::method},
                                                          {"upstream", Part::server},
                                                          {"pod", Part::server},
                                                          {"instance", Part::server},
                                                          {"size", Part::bytes}})
      out.push_back({std::string(name), part});
    return out;
  }();
  return all;
}

}  // namespace

std::vector<JsonField> JsonLog::usual(std::string_view product) {
  if (product == "nginx") return nginx_names();
  if (product == "caddy") return caddy_names();
  if (product == "traefik") return traefik_names();
  if (product == "envoy") return envoy_names();
  return product.empty() ? common_names() : json_product(product);
}

Result<std::vector<JsonField>> JsonLog::named(std::string_view text) {
  std::vector<JsonField> out;
  auto items = split(text, ',');
  auto base = common_names();
  if (auto product = trimmed(items.front()); !product.contains('=') && !usual(product).empty() && items.size() > 1)
    base = usual(product), items.erase(items.begin());
  for (auto item : items) {
    auto equals = item.find('=');
    auto word = std::ranges::find(kWords, trimmed(item.substr(0, equals)), &Word::word);
    if (equals == item.npos || word == std::end(kWords) || trimmed(item.substr(equals + 1)).empty())
      return fail(Code::invalid, fmt::format("the log format json: `{}` is not WHAT=NAME", trimmed(item)),
                  "WHAT is status, latency, time, start, server, backend, release, client, method, path, request, "
                  "host, bytes, upstream, grpc or failed");
    JsonField field{std::string(trimmed(item.substr(equals + 1))), word->part};
    if (field.part == Part::seconds && !take_unit(field))
      return fail(Code::invalid, fmt::format("the log format json: `{}` has no unit that is known", trimmed(item)),
                  "units of a latency are :s, :ms, :us and :ns");
    out.push_back(std::move(field));
  }
  auto given = out;
  for (auto& other : base)
    if (std::ranges::none_of(given, [&](auto& f) { return f.name == other.name || same_thing(f.part, other.part); }))
      out.push_back(other);
  return out;
}

}  // namespace davy::signals
