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
  spec::Measures unit = {};
};
struct PostgresProbe {
  std::string url, query, index;
  spec::Measure unit = {};
};

ports::SqlRequest request(const PostgresProbe&, Duration timeout);
ports::Observation observed(const PostgresProbe&, const ports::SqlRows&);
void take_figures(ports::Observation&, std::map<std::string, double> figures);  // columns of the server's own question
ports::Task<ports::Observation> perform(PostgresProbe, ports::Outside&, ports::Asking);

// Rows of a plan's own query, under `series`: one cell, or a label and a number in each row.
Result<> put_rows(const ports::SqlRows&, const std::string& series, const spec::Measure&, judge::Window&);
Result<std::unique_ptr<ports::Source>> postgres_source(PostgresSignal, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {
// Their tables: shared_fields.cc
template <OneOf<providers::PostgresSignal, providers::PostgresProbe> T>
inline constexpr bool kApart<T> = true;

}  // namespace davy::spec
