// Signal `scrape`: pages of metrics as exporters show them, Prometheus text or OpenMetrics.
#pragma once
#include "providers/signal/options.h"
#include "providers/signal/steady.h"
#include "signals/metrics/scrape_account.h"

namespace davy::providers {

struct ScrapeSeries {
  std::optional<signals::Selector> metric, among;
  signals::OwnSeries::As as = signals::OwnSeries::As::usual;
};

struct ScrapeSignal {
  OneOrMore urls;
  std::optional<signals::Selector> requests, errors, client_errors, latency;
  std::map<std::string, ScrapeSeries> series;
  std::vector<std::string> ignore;
  std::string release_by, token, user, password;
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
template <>
inline constexpr std::string_view kShort<providers::ScrapeSeries> = "metric";
template <>
inline constexpr auto kFields<providers::ScrapeSeries> =
    std::tuple{required("metric", &providers::ScrapeSeries::metric,
                        "metric and labels; all that fit are added up: cache_hits_total{cache=\"users\"}"),
               optional("among", &providers::ScrapeSeries::among,
                        "counters: the share of what `metric` gained in what this gained, such as a hit rate"),
               optional("as", &providers::ScrapeSeries::as,
                        "value; rate: per second; usual: the rate of a counter, the value of all else")};

template <>
inline constexpr std::string_view kShort<providers::ScrapeSignal> = "scrape";
template <>
inline constexpr auto kFields<providers::ScrapeSignal> = std::tuple{
    required("scrape", &providers::ScrapeSignal::urls, "URL of the page, or a list of several"),
    optional("requests", &providers::ScrapeSignal::requests,
             "counter of requests; default: http_requests_total and the like"),
    optional("errors", &providers::ScrapeSignal::errors,
             "counter of errors; default: requests whose label status or code is 5xx"),
    optional("client-errors", &providers::ScrapeSignal::client_errors, "counter of 4xx; default: by the label too"),
    optional("latency", &providers::ScrapeSignal::latency,
             "histogram or summary; default: http_request_duration_seconds and the like"),
    optional("series", &providers::ScrapeSignal::series, "names of your own, and the metric of each"),
    optional("ignore", &providers::ScrapeSignal::ignore,
             "paths that are no users, as in label path or handler: [/health, /internal*]; the page itself never is"),
    optional(
        "release-by", &providers::ScrapeSignal::release_by,
        "what tells releases apart: a label (version), a label of an info metric (build_info.version), or address"),
    optional("token", &providers::ScrapeSignal::token, "$NAME of a secret, sent as Bearer"),
    optional("user", &providers::ScrapeSignal::user, "user for Basic authorization"),
    optional("password", &providers::ScrapeSignal::password, "$NAME of a secret")};

}  // namespace davy::spec
