#include "signals/formats/json_products.h"

#include <algorithm>
#include <array>

namespace davy::signals {
namespace {

using Signs = std::array<std::string_view, 3>;  // keys; the empty ones count for nothing

struct Field {
  std::string_view name;
  Part part = Part::skip;
};
struct Product {
  std::string_view name;
  Signs signs;
  std::array<Field, 16> fields;
};

// pino-http, README: `req`, `res` and `responseTime`, which is in milliseconds.
constexpr Product kPino = {"pino",
                           {"res", "statusCode", "responseTime"},
                           {{{"time", Part::time},
                             {"res.statusCode", Part::status},
                             {"responseTime", Part::milliseconds},
                             {"req.method", Part::method},
                             {"req.url", Part::path},
                             {"req.headers.host", Part::host},
                             {"req.remoteAddress", Part::client}}}};

// Elastic Common Schema: http, event (a duration is in nanoseconds), url, client, source.
constexpr Product kEcs = {"ecs",
                          {"@timestamp", "status_code"},
                          {{{"@timestamp", Part::time},
                            {"http.response.status_code", Part::status},
                            {"event.duration", Part::nanoseconds},
                            {"http.request.method", Part::method},
                            {"url.path", Part::path},
                            {"url.original", Part::path},
                            {"url.domain", Part::host},
                            {"client.ip", Part::client},
                            {"client.address", Part::client},
                            {"source.ip", Part::client},
                            {"source.address", Part::client},
                            {"http.response.body.bytes", Part::bytes}}}};

// Google Cloud, LogEntry and HttpRequest: a latency has its unit, "0.048s".
constexpr Product kGcp = {"gcp",
                          {"httpRequest", "status"},
                          {{{"timestamp", Part::time},
                            {"time", Part::time},
                            {"httpRequest.status", Part::status},
                            {"httpRequest.latency", Part::length},
                            {"httpRequest.requestMethod", Part::method},
                            {"httpRequest.requestUrl", Part::path},
                            {"httpRequest.remoteIp", Part::client},
                            {"httpRequest.serverIp", Part::server},
                            {"httpRequest.responseSize", Part::bytes}}}};

// Kong Gateway, HTTP Log and File Log plugins: latencies are in milliseconds.
constexpr Product kKong = {"kong",
                           {"latencies", "response", "started_at"},
                           {{{"started_at", Part::start},
                             {"response.status", Part::status},
                             {"latencies.request", Part::milliseconds},
                             {"request.method", Part::method},
                             {"request.uri", Part::path},
                             {"request.headers.host", Part::host},
                             {"client_ip", Part::client},
                             {"service.name", Part::backend},
                             {"response.size", Part::bytes}}}};

// Cloudflare Logpush, HTTP requests. An answer from the cache names no origin, so the origin is no list of those tried.
constexpr Product kCloudflare = {"cloudflare",
                                 {"EdgeResponseStatus"},
                                 {{{"EdgeEndTimestamp", Part::time},
                                   {"EdgeStartTimestamp", Part::start},
                                   {"EdgeResponseStatus", Part::status},
                                   {"EdgeTimeToFirstByteMs", Part::milliseconds},
                                   {"OriginResponseDurationMs", Part::milliseconds},
                                   {"ClientRequestMethod", Part::method},
                                   {"ClientRequestURI", Part::path},
                                   {"ClientRequestPath", Part::path},
                                   {"ClientRequestHost", Part::host},
                                   {"ClientIP", Part::client},
                                   {"OriginIP", Part::server},
                                   {"EdgeResponseBytes", Part::bytes}}}};

// Amazon API Gateway, "Set up CloudWatch logging", and the $context variables for access logging.
constexpr Product kApiGateway = {"apigateway",
                                 {"requestId", "requestTime", "httpMethod"},
                                 {{{"requestTime", Part::start},
                                   {"status", Part::status},
                                   {"responseLatency", Part::milliseconds},
                                   {"integrationLatency", Part::milliseconds},
                                   {"httpMethod", Part::method},
                                   {"path", Part::path},
                                   {"resourcePath", Part::path},
                                   {"routeKey", Part::request},
                                   {"domainName", Part::host},
                                   {"ip", Part::client},
                                   {"responseLength", Part::bytes}}}};

// Rails with lograge, README: the duration is in milliseconds.
constexpr Product kLograge = {"lograge",
                              {"controller", "action", "duration"},
                              {{{"@timestamp", Part::time},
                                {"time", Part::time},
                                {"timestamp", Part::time},
                                {"status", Part::status},
                                {"duration", Part::milliseconds},
                                {"method", Part::method},
                                {"path", Part::path},
                                {"host", Part::host},
                                {"remote_ip", Part::client},
                                {"ip", Part::client}}}};

constexpr const Product* kProducts[] = {&kPino, &kEcs, &kGcp, &kKong, &kCloudflare, &kApiGateway, &kLograge};

struct SignsOf {
  std::string_view product;
  Signs signs;
};
constexpr SignsOf kOthers[] = {{"caddy", {"request", "uri", "resp_headers"}},
                               {"traefik", {"DownstreamStatus"}},
                               {"envoy", {"response_code", "start_time"}}};

std::span<const std::string_view> those(const Signs& signs) {
  return std::span(signs).first(static_cast<std::size_t>(std::ranges::find(signs, "") - signs.begin()));
}

const Product* product(std::string_view name) {
  auto found = std::ranges::find(kProducts, name, [](auto* p) { return p->name; });
  return found == std::end(kProducts) ? nullptr : *found;
}

}  // namespace

std::vector<JsonField> json_product(std::string_view name) {
  std::vector<JsonField> out;
  if (auto found = product(name))
    for (auto& field : found->fields)
      if (!field.name.empty()) out.push_back({std::string(field.name), field.part});
  return out;
}

std::span<const std::string_view> JsonLog::sure_signs(std::string_view name) {
  if (auto found = product(name)) return those(found->signs);
  auto other = std::ranges::find(kOthers, name, &SignsOf::product);
  return other == std::end(kOthers) ? std::span<const std::string_view>{} : those(other->signs);
}

}  // namespace davy::signals
