// Signal `scrape`: pages of metrics as exporters show them, Prometheus text or OpenMetrics.
#pragma once
#include "providers/signal/options.h"
#include "providers/signal/steady.h"
#include "signals/metrics/scrape_account.h"

namespace davy::providers {

struct ScrapeSeries {
  std::optional<signals::Selector> metric, among;
  signals::OwnSeries::As as = signals::OwnSeries::As::usual;
  spec::Measure unit = {};
};

struct ScrapeSignal {
  OneOrMore urls;
  std::optional<signals::Selector> requests, errors, client_errors, latency;
  std::map<std::string, ScrapeSeries> series;
  std::vector<std::string> ignore;
  std::string release_by, token, user, password;
  spec::Measure unit = {};  // of `latency`
};

ports::HttpRequest request(const ScrapeSignal&, const std::string& url, Duration timeout);
signals::ScrapeRules rules(const ScrapeSignal&);
Result<std::unique_ptr<ports::Source>> scrape_source(ScrapeSignal, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
struct Leaf<signals::Selector> {
  static constexpr std::string_view kNoun = "a metric and labels, such as http_requests_total{status=~\"5..\"}";
  static std::optional<signals::Selector> parse(const Value& v) {
    auto text = scalar_text(v);
    auto parsed = text ? signals::parse_selector(*text) : fail(Code::invalid, "");
    return parsed ? std::optional(*std::move(parsed)) : std::nullopt;
  }
  static Json print(const signals::Selector& s) { return s.text; }
  static Json schema() { return {{"type", "string"}}; }
};

template <>
inline constexpr auto kWords<signals::OwnSeries::As> =
    words<signals::OwnSeries::As>({{"usual", signals::OwnSeries::As::usual},
                                   {"value", signals::OwnSeries::As::value},
                                   {"rate", signals::OwnSeries::As::rate}});
// Their tables: shared_fields.cc
template <OneOf<providers::ScrapeSeries, providers::ScrapeSignal> T>
inline constexpr bool kApart<T> = true;

}  // namespace davy::spec
