// The options of those signals that others know (replays, baselines, probes), or whose own file is dear to compile.
#include "providers/signal/haproxy.h"
#include "providers/signal/log.h"
#include "providers/signal/postgres.h"
#include "providers/signal/prometheus.h"
#include "providers/signal/scrape.h"

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::HaproxySignal> = "haproxy";
template <>
inline constexpr auto kFields<providers::HaproxySignal> = std::tuple{
    required("haproxy", &providers::HaproxySignal::socket,
             "unix datagram socket that Davy binds and HAProxy's `log` line names"),
    optional(
        "ignore", &providers::HaproxySignal::ignore,
        "paths that are no users, such as [/health, /metrics*]; a * at the end stands for any rest. Default: /health, "
        "/healthz, /readyz, /metrics and their like"),
    optional("client", &providers::HaproxySignal::client, "what makes a client: its address, or X-Forwarded-For"),
    optional("writers", &providers::HaproxySignal::writers,
             "who may write to the socket besides its owner, when HAProxy runs as another user"),
    optional("stats", &providers::HaproxySignal::stats,
             "HAProxy's stats socket, for retries and connections that no log line tells")};

template <>
inline constexpr std::string_view kShort<providers::LogSignal> = "access-log";
template <>
inline constexpr auto kFields<providers::LogSignal> = std::tuple{
    required(
        "access-log", &providers::LogSignal::place,
        "a file (it may be rotated, and need not be there yet), unix:PATH or udp:ADDRESS:PORT that Davy binds and a "
        "server sends to, journald:UNIT, docker:CONTAINER, command:… of which the output are the lines, or - for the "
        "standard input"),
    optional(
        "format", &providers::LogSignal::format,
        "haproxy, nginx, apache, json, json:caddy, json:traefik, json:envoy, json:status=NAME,…, or a pattern as in "
        "nginx's log_format or Apache's LogFormat; told from the first lines where it is not said"),
    optional(
        "ignore", &providers::LogSignal::ignore,
        "paths that are no users, such as [/health, /metrics*]; a * at the end stands for any rest. Default: /health, "
        "/healthz, /readyz, /metrics and their like"),
    optional(
        "paths", &providers::LogSignal::paths,
        "the only paths that count, such as [/api/payments*]: what users do there has numbers of its own. Default: "
        "all"),
    optional("only", &providers::LogSignal::only,
             "a text that the lines about requests have; others are passed over: a container says other things too"),
    optional("client", &providers::LogSignal::client,
             "the field that names the client, such as http_x_forwarded_for; default: the address"),
    optional("server-by", &providers::LogSignal::server_by,
             "the field that names the server, or path:N, the first N segments of the path; default: the format's own"),
    optional("release-by", &providers::LogSignal::release_by,
             "the field that names the release, or path:N, or capture:N of HAProxy's httplog"),
    optional("writers", &providers::LogSignal::writers,
             "unix: who may write to the socket besides its owner, when the server runs as another user")};

template <>
inline constexpr auto kFields<providers::PrometheusOptions> = std::tuple{
    required("prometheus", &providers::PrometheusOptions::url, "its URL, such as http://localhost:9090"),
    optional("query", &providers::PrometheusOptions::query, "PromQL whose number is the signal's own"),
    optional("queries", &providers::PrometheusOptions::queries, "names, and the PromQL of each"),
    optional("unit", &providers::PrometheusOptions::unit,
             "what its number means: percent (75), share (0.75), ms, s, B, MB, /s …; a map of those of `queries`, by "
             "name. Without one it is a bare number, and so is what it is compared with"),
    optional("release-by", &providers::PrometheusOptions::release_by, "label of the answer that tells releases apart"),
    optional("range", &providers::PrometheusOptions::range,
             "take the newest number of so long, where an instant has none"),
    optional("step", &providers::PrometheusOptions::step, "between two numbers of a range"),
    optional("token", &providers::PrometheusOptions::token, "$NAME of a secret, sent as Bearer"),
    optional("user", &providers::PrometheusOptions::user, "user for Basic authorization"),
    optional("password", &providers::PrometheusOptions::password, "$NAME of a secret")};
template <>
inline constexpr auto kFields<providers::PrometheusProbe> = std::tuple{
    required("prometheus", &providers::PrometheusProbe::url, "its URL, such as http://localhost:9090"),
    required(
        "query", &providers::PrometheusProbe::query,
        "PromQL; `value` is its number where it gives one series; `count` how many series; `least`, `most`, `mean`"),
    optional("unit", &providers::PrometheusProbe::unit,
             "what its number means: percent (75), share (0.75), ms, s, B, MB, /s …; without one it is a bare number"),
    optional("range", &providers::PrometheusProbe::range, "ask for all numbers of so long until now"),
    optional("step", &providers::PrometheusProbe::step, "between two numbers of a range"),
    optional("token", &providers::PrometheusProbe::token, "$NAME of a secret, sent as Bearer"),
    optional("user", &providers::PrometheusProbe::user, "user for Basic authorization"),
    optional("password", &providers::PrometheusProbe::password, "$NAME of a secret")};

template <>
inline constexpr std::string_view kShort<providers::ScrapeSeries> = "metric";
template <>
inline constexpr auto kFields<providers::ScrapeSeries> =
    std::tuple{required("metric", &providers::ScrapeSeries::metric,
                        "metric and labels; all that fit are added up: cache_hits_total{cache=\"users\"}"),
               optional("among", &providers::ScrapeSeries::among,
                        "counters: the share of what `metric` gained in what this gained, such as a hit rate"),
               optional("as", &providers::ScrapeSeries::as,
                        "value; rate: per second; usual: the rate of a counter, the value of all else"),
               optional("unit", &providers::ScrapeSeries::unit,
                        "what the metric means: percent (75), share (0.75), ms, s, B, MB …; without one it is a bare "
                        "number, and so is what it is compared with. What is `among` is a share by itself")};
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
    optional(
        "unit", &providers::ScrapeSignal::unit,
        "ms, s or us: what `latency` is measured in, where its name does not end with it (_seconds, _milliseconds)"),
    optional("series", &providers::ScrapeSignal::series, "names of your own, and the metric of each"),
    optional("ignore", &providers::ScrapeSignal::ignore,
             "paths that are no users, as in label path or handler: [/health, /internal*]; the page itself never is. "
             "Default: /health, /healthz, /readyz, /metrics and their like"),
    optional(
        "release-by", &providers::ScrapeSignal::release_by,
        "what tells releases apart: a label (version), a label of an info metric (build_info.version), or address"),
    optional("token", &providers::ScrapeSignal::token, "$NAME of a secret, sent as Bearer"),
    optional("user", &providers::ScrapeSignal::user, "user for Basic authorization"),
    optional("password", &providers::ScrapeSignal::password, "$NAME of a secret")};

template <>
inline constexpr std::string_view kShort<providers::PostgresSignal> = "postgres";
template <>
inline constexpr auto kFields<providers::PostgresSignal> = std::tuple{
    required("postgres", &providers::PostgresSignal::url,
             "postgres://user@host/database, or $NAME of a secret that is one"),
    optional("query", &providers::PostgresSignal::query,
             "SELECT of one number, the signal's own; or of a release's label and a number in each row"),
    optional("queries", &providers::PostgresSignal::queries, "names, and the SELECT of each"),
    optional("unit", &providers::PostgresSignal::unit,
             "what the number of `query` means: percent (75), share (0.75), ms, s, B, MB, /s …; a map of those of "
             "`queries`, by name. Without one it is a bare number, and so is what it is compared with"),
    optional("slow", &providers::PostgresSignal::slow, "a query that runs longer is counted in slow_queries"),
    optional("statements", &providers::PostgresSignal::statements, "read pg_stat_statements where it is there")};
template <>
inline constexpr std::string_view kShort<providers::PostgresProbe> = "postgres";
template <>
inline constexpr auto kFields<providers::PostgresProbe> = std::tuple{
    required("postgres", &providers::PostgresProbe::url,
             "postgres://user@host/database, or $NAME of a secret that is one"),
    optional("query", &providers::PostgresProbe::query, "SELECT whose first cell is `value`; SELECT 1 by default"),
    optional("unit", &providers::PostgresProbe::unit,
             "what the query's number means: percent (75), share (0.75), ms, s, B, MB, /s …; without one it is a bare "
             "number"),
    optional("index", &providers::PostgresProbe::index,
             "an index that must be there and valid: `value` is valid, invalid, absent")};

// clang-format off
template <> const core::Table& table_of<providers::HaproxySignal>() { return MadeTable<providers::HaproxySignal>::get(); }
template <> const core::Table& table_of<providers::LogSignal>() { return MadeTable<providers::LogSignal>::get(); }
template <> const core::Table& table_of<providers::PrometheusOptions>() { return MadeTable<providers::PrometheusOptions>::get(); }
template <> const core::Table& table_of<providers::PrometheusProbe>() { return MadeTable<providers::PrometheusProbe>::get(); }
template <> const core::Table& table_of<providers::ScrapeSeries>() { return MadeTable<providers::ScrapeSeries>::get(); }
template <> const core::Table& table_of<providers::ScrapeSignal>() { return MadeTable<providers::ScrapeSignal>::get(); }
template <> const core::Table& table_of<providers::PostgresSignal>() { return MadeTable<providers::PostgresSignal>::get(); }
template <> const core::Table& table_of<providers::PostgresProbe>() { return MadeTable<providers::PostgresProbe>::get(); }
// clang-format on

}  // namespace davy::spec
