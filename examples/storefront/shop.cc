#include "shop.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstring>
#include <nlohmann/json.hpp>

namespace storefront {
namespace {

using nlohmann::json;
constexpr double kLeakedBlock = 1e6;
constexpr double kLeakLimit = 1e9;

// The label of a path in the metrics. Unknown paths share one, or a scanner would fill the memory with labels.
std::string_view label(std::string_view path) { return path == "/" || path == "/api/orders" ? path : "other"; }

Response error(int status, std::string_view what) { return {status, "application/json", json{{"error", what}}.dump()}; }

bool is_user_path(std::string_view path) { return !path.starts_with("/health") && path != "/metrics"; }

json timed_check(const davy::Result<std::chrono::nanoseconds>& took) {
  if (!took) return {{"status", "unhealthy"}, {"error", took.error().message}};
  return {{"status", "healthy"}, {"latency_ms", std::chrono::duration<double, std::milli>(*took).count()}};
}

}  // namespace

Shop::Shop(std::string version, Behaviour behaviour, std::uint64_t seed, std::unique_ptr<Orders> orders)
    : version_(std::move(version)),
      behaviour_(std::move(behaviour)),
      dice_(behaviour_, seed),
      orders_(std::move(orders)) {}

Planned Shop::plan(const Request& request, std::size_t in_flight) {
  if (request.path == "/health") return {health(in_flight)};
  if (request.path == "/health/db") return {health_of_database()};
  if (request.path == "/health/advanced") return {health_in_detail(in_flight)};
  if (request.path == "/metrics") return {{200, "text/plain; version=0.0.4", metrics_.text(version_, in_flight)}};
  if (first_user_ == Clock::time_point{}) first_user_ = Clock::now();
  const auto fate = dice_.fate(request.path);
  Planned planned{.after = dice_.latency(), .never = fate == Fate::hang, .is_user = true};
  if (fate == Fate::fail) planned.response = error(500, "this version does that");
  if (fate == Fate::answer) planned.response = user_response(request);
  return planned;
}

void Shop::answered(const Request& request, int status, std::chrono::nanoseconds took) {
  if (is_user_path(request.path)) metrics_.count(label(request.path), status, took);
}

Response Shop::user_response(const Request& request) {
  if (request.path == "/api/orders") return orders(request);
  if (request.path != "/") return error(404, "no such page");
  if (request.method != "GET" && request.method != "HEAD") return error(405, "this page is only for reading");
  return {200, "text/html; charset=utf-8",
          fmt::format("<!doctype html><title>Storefront</title><h1>Storefront</h1><p>Version {}</p>\n", version_)};
}

Response Shop::orders(const Request& request) {
  if (request.method == "GET" || request.method == "HEAD") {
    auto list = orders_->newest_as_json();
    return list ? Response{.body = std::move(*list)} : error(500, list.error().message);
  }
  if (request.method != "POST") return error(405, "orders can be read and placed");
  const auto order = json::parse(request.body, nullptr, false);
  if (!order.is_object() || !order.contains("item") || !order["item"].is_string())
    return error(400, "an order is {\"item\": \"lamp\", \"quantity\": 1}");
  const int quantity = order.contains("quantity") && order["quantity"].is_number() ? order["quantity"].get<int>() : 1;
  const auto id = orders_->place(order["item"].get<std::string>(), quantity, version_);
  return id ? Response{.status = 201, .body = json{{"id", *id}}.dump()} : error(500, id.error().message);
}

std::string Shop::status() const {
  if (draining_) return "draining";
  if (behaviour_.never_healthy) return "unhealthy";
  return Clock::now() - started_ < behaviour_.ready_after ? "starting" : "healthy";
}

Response Shop::health(std::size_t in_flight) {
  const auto now = status();
  const json body{{"status", now}, {"version", version_}, {"active_connections", in_flight}};
  return {now == "healthy" ? 200 : 503, "application/json", body.dump()};
}

Response Shop::health_of_database() {
  const auto took = orders_->ping();
  return {took ? 200 : 503, "application/json", timed_check(took).dump()};
}

Response Shop::health_in_detail(std::size_t in_flight) {
  const auto now = status();
  const auto took = orders_->ping();
  const bool good = now == "healthy" && took;
  const json body{
      {"status", good ? "healthy" : "unhealthy"},
      {"version", version_},
      {"checks",
       {{"service", {{"status", now}, {"active_connections", in_flight}, {"pid", getpid()}}},
        {"database", timed_check(took)},
        {"uptime",
         {{"status", "healthy"}, {"seconds", std::chrono::duration<double>(Clock::now() - started_).count()}}}}}};
  return {good ? 200 : 503, "application/json", body.dump()};
}

bool Shop::time_to_crash() {
  if (first_user_ == Clock::time_point{}) return false;
  const std::chrono::duration<double> since = Clock::now() - first_user_;
  leak(since.count());
  return behaviour_.crash_after.count() > 0 && since >= behaviour_.crash_after;
}

void Shop::leak(double since_first_user) {
  const double owed = std::min(since_first_user * behaviour_.leak_per_second, kLeakLimit);
  while (static_cast<double>(leaked_.size()) * kLeakedBlock + kLeakedBlock <= owed) {
    leaked_.push_back(std::make_unique<char[]>(static_cast<std::size_t>(kLeakedBlock)));
    std::memset(leaked_.back().get(), 1, static_cast<std::size_t>(kLeakedBlock));  // untouched pages cost nothing
  }
}

}  // namespace storefront
