// Signal and probe `postgres`.
#pragma once
#include "providers/signal/steady.h"
#include "signals/systems/postgres_account.h"

namespace davy::providers {

struct PostgresSignal {
  std::string url, query;
  std::map<std::string, std::string> queries;
  Duration slow = std::chrono::seconds(1);
  bool statements = true;
};
struct PostgresProbe {
  std::string url, query, index;
};

ports::SqlRequest request(const PostgresProbe&, Duration timeout);
ports::Observation observed(const PostgresProbe&, const ports::SqlRows&);
ports::Task<ports::Observation> perform(PostgresProbe, ports::Outside&, ports::Asking);

// Rows of a plan's own query, under `series`: one cell, or a label and a number in each row.
Result<> put_rows(const ports::SqlRows&, const std::string& series, judge::Window&);
Result<std::unique_ptr<ports::Source>> postgres_source(PostgresSignal, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::PostgresSignal> = "postgres";
template <>
inline constexpr auto kFields<providers::PostgresSignal> = std::tuple{
    required("postgres", &providers::PostgresSignal::url,
             "postgres://user@host/database, or $NAME of a secret that is one"),
    optional("query", &providers::PostgresSignal::query,
             "SELECT of one number, the signal's own; or of a release's label and a number in each row"),
    optional("queries", &providers::PostgresSignal::queries, "names, and the SELECT of each"),
    optional("slow", &providers::PostgresSignal::slow, "a query that runs longer is counted in slow_queries"),
    optional("statements", &providers::PostgresSignal::statements, "read pg_stat_statements where it is there")};
template <>
inline constexpr std::string_view kShort<providers::PostgresProbe> = "postgres";
template <>
inline constexpr auto kFields<providers::PostgresProbe> = std::tuple{
    required("postgres", &providers::PostgresProbe::url,
             "postgres://user@host/database, or $NAME of a secret that is one"),
    optional("query", &providers::PostgresProbe::query, "SELECT whose first cell is `value`; SELECT 1 by default"),
    optional("index", &providers::PostgresProbe::index,
             "an index that must be there and valid: `value` is valid, invalid, absent")};

}  // namespace davy::spec
