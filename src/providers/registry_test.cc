#include "providers/registry.h"

#include <gtest/gtest.h>

#include <set>

namespace davy::providers {
namespace {

TEST(Registry, EveryProviderDescribesItself) {
  auto registry = all_providers();
  std::set<std::string> seen;
  for (auto& term : registry.vocabulary().terms()) {
    EXPECT_TRUE(seen.insert(term.port + " " + term.name).second) << term.name << " twice";
    EXPECT_TRUE(term.doc.ends_with('.')) << term.name;
    EXPECT_TRUE(term.example.starts_with("{ " + term.name + ": ")) << term.name;
    auto schema = term.schema();
    auto& map = schema.contains("anyOf") ? schema["anyOf"][1] : schema;
    EXPECT_TRUE(map["properties"].contains(term.name)) << "the kind is a key: " << term.name;
    for (auto& [key, property] : map["properties"].items()) EXPECT_FALSE(property["description"].empty()) << key;
  }
  EXPECT_EQ(seen.size(), 47u);
}

TEST(Registry, EveryProbeAndSignalSaysWhatItFinds) {
  auto registry = all_providers();
  for (auto& term : registry.vocabulary().terms()) {
    bool finds = term.port == "probe" || term.port == "signal";
    EXPECT_EQ(finds, !term.table.empty()) << term.port << " " << term.name;
    std::set<std::string> names;
    for (auto& one : term.table) {
      EXPECT_TRUE(names.insert(one.name).second) << term.name << ": " << one.name << " twice";
      EXPECT_FALSE(one.doc.empty() || one.doc.ends_with('.')) << term.name << ": " << one.name;
    }
    for (auto& one : term.table) EXPECT_TRUE(one.part_of.empty() || names.contains(one.part_of)) << one.part_of;
  }
}

TEST(Registry, NumbersAreMeasuredInSomething) {
  auto registry = all_providers();
  auto unit = [&](std::string_view port, std::string_view name, std::string_view options, std::string_view number) {
    auto finds = registry.vocabulary().find(port, name)->finds(spec::from_json(*spec::parse_json(options)));
    auto found = finds ? finds->measured(number) : std::nullopt;
    return found ? std::optional(found->unit) : std::nullopt;
  };
  using spec::Unit;
  EXPECT_EQ(unit("probe", "disk", R"({"disk": "/"})", "free"), Unit::bytes) << "free > 30d is refused";
  EXPECT_EQ(unit("signal", "postgres", R"({"postgres": "$D", "queries": {"wait": "q"}})", "wait"), Unit::none);
  EXPECT_EQ(
      unit("signal", "postgres", R"({"postgres": "$D", "queries": {"wait": "q"}, "unit": {"wait": "ms"}})", "wait"),
      Unit::seconds);
  EXPECT_EQ(unit("signal", "postgres", R"({"postgres": "$D"})", "pool_use"), Unit::ratio);
  auto scrape = [&](std::string_view more, std::string_view number) {
    return unit("signal", "scrape", R"({"scrape": "http://a")" + std::string(more) + "}", number);
  };
  EXPECT_EQ(scrape("", "latency.p95"), Unit::seconds);
  EXPECT_EQ(scrape(R"(, "latency": "envoy_rq_time")", "latency.p95"), Unit::none) << "so `latency.p95 > 2s` is refused";
  EXPECT_EQ(scrape(R"(, "latency": "envoy_rq_time", "unit": "ms")", "latency.p95"), Unit::seconds);
  EXPECT_EQ(scrape(R"(, "series": {"hits": {"metric": "a", "among": "b"}})", "hits"), Unit::ratio);
  EXPECT_EQ(scrape(R"(, "series": {"sent": {"metric": "a_total", "unit": "B"}})", "sent"), Unit::bytes_rate);
  EXPECT_EQ(scrape(R"(, "series": {"used": {"metric": "a", "unit": "percent"}})", "used"), Unit::ratio);
}

TEST(Registry, MistakesAreFoundByTheTables) {
  auto registry = all_providers();
  spec::Diagnostics mistakes;
  auto options = spec::from_json(*spec::parse_json(R"({"process": "x", "prots": "1-2", "ports": "2-1"})"));
  EXPECT_FALSE(registry.vocabulary().find("platform", "process")->check(options, mistakes));
  ASSERT_EQ(mistakes.count(), 2u);
}

TEST(Registry, FindsWhatThePlanNames) {
  auto registry = all_providers();
  EXPECT_TRUE(registry.find_probe("http") && registry.find_platform("process") && registry.find_router("haproxy"));
  EXPECT_TRUE(registry.find_source("scrape") && registry.find_source("haproxy"));
  EXPECT_FALSE(registry.find_router("nginx"));
}

}  // namespace
}  // namespace davy::providers
