#include "providers/signal/postgres.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "signals/metrics/readout.h"

namespace davy::providers {
namespace {

constexpr std::string_view kIndex =
    "SELECT i.indisvalid AND i.indisready FROM pg_index i WHERE i.indexrelid = to_regclass($1)";

ports::Task<ports::SqlRows> ask(ports::Outside& out, ports::SqlRequest r) {
  if (!out.sql) co_return fail(Code::unavailable, "nobody can ask a PostgreSQL here");
  co_return co_await out.sql->query(std::move(r));
}

std::map<std::string, double> first_row(const ports::SqlRows& rows) {
  std::map<std::string, double> out;
  for (std::size_t i = 0; !rows.rows.empty() && i < rows.columns.size(); ++i)
    if (auto& cell = rows.rows[0][i])
      if (auto number = signals::quantity(*cell)) out[rows.columns[i]] = number->value;
  return out;
}

// What the server says of itself, beside what a plan asks it. The same for probe and signal.
std::vector<spec::Finding> figures_table() {
  using spec::Unit;
  return {
      {"connections", Unit::none, "client connections"},
      {"connections_left", Unit::none, "how many more it takes from who is no superuser"},
      {"active", Unit::none, "connections that run a query"},
      {"idle_in_transaction", Unit::none, "connections that hold a transaction and do nothing"},
      {"waiting", Unit::none, "connections that wait for a lock"},
      {"pool_use", Unit::ratio, "connections among those that may be"},
      {"longest_query", Unit::seconds, "how long the oldest running query runs"},
      {"longest_transaction", Unit::seconds, "how long the oldest transaction is open"},
      {"lag", Unit::seconds, "how far a replica is behind; of a primary the worst of its replicas, where it has any"},
      {"size", Unit::bytes, "the size of the database"}};
}

std::vector<spec::Finding> with_figures(std::vector<spec::Finding> first, const std::vector<spec::Finding>& last) {
  std::ranges::move(figures_table(), std::back_inserter(first));
  std::ranges::copy(last, std::back_inserter(first));
  return first;
}

bool wants_figures(const ports::Asking& who) {
  return std::ranges::any_of(figures_table(), [&](auto& one) { return who.wants.contains(one.name); });
}

std::vector<signals::PostgresStatement> statements_of(const ports::SqlRows& rows) {
  std::vector<signals::PostgresStatement> out;
  for (auto& row : rows.rows) {
    if (row.size() < 3 || !row[0] || !row[1] || !row[2]) continue;
    auto calls = signals::quantity(*row[1]), time = signals::quantity(*row[2]);
    if (calls && time) out.push_back({*row[0], calls->value, time->value});
  }
  return out;
}

class Postgres final : public SteadySource {
 public:
  Postgres(PostgresSignal o, ports::Outside& out, Duration timeout)
      : SteadySource(out), o_(std::move(o)), timeout_(timeout) {
    if (!o_.query.empty()) o_.queries[""] = o_.query;
  }

 private:
  ports::SqlRequest question(std::string_view text) const {
    return {.url = o_.url, .text = std::string(text), .parameters = {}, .timeout = timeout_};
  }

  ports::Task<judge::Window> read(std::optional<Time> last) override {
    auto first = question(signals::postgres_question());
    first.parameters = {fmt::format("{}", seconds(o_.slow))};
    auto rows = co_await ask(out_, std::move(first));
    if (!rows) co_return std::unexpected(rows.error());
    auto figures = first_row(*rows);
    std::vector<signals::PostgresStatement> statements;
    if (o_.statements && figures["statements"] > 0) {
      auto all = co_await ask(out_, question(signals::postgres_statements_question()));
      if (all) statements = statements_of(*all);
      // Created, but not in shared_preload_libraries, or not ours to read: as if it were not there.
      if (!all && all.error().code != Code::invalid && all.error().code != Code::refused)
        co_return std::unexpected(all.error());
    }
    auto now = out_.clock.now();
    auto out = account_.look(figures, statements, last.value_or(now), now);
    out.states[""][""] = "up";
    for (auto& [series, query] : o_.queries) {
      auto own = co_await ask(out_, question(query));
      if (!own) co_return std::unexpected(own.error());
      if (auto put = put_rows(*own, series, o_.unit.of(series), out); !put) co_return std::unexpected(put.error());
    }
    co_return out;
  }

  PostgresSignal o_;
  Duration timeout_;
  signals::PostgresAccount account_;
};

}  // namespace

Result<> put_rows(const ports::SqlRows& rows, const std::string& series, const spec::Measure& unit,
                  judge::Window& out) {
  auto put = [&](const std::string& label, const std::optional<std::string>& cell) {
    if (!cell) return;
    auto found = signals::quantity(*cell);
    auto number = found ? spec::in_base(*found, unit) : std::nullopt;
    if (number) out.numbers[series][label] = *number;
    if (!series.empty() || !number) out.states[series][label] = printable(std::string_view(*cell).substr(0, 200));
  };
  if (rows.columns.size() == 1 && rows.rows.size() <= 1) {
    if (!rows.rows.empty()) put("", rows.rows[0][0]);
    return {};
  }
  if (rows.columns.size() != 2)
    return fail(Code::invalid,
                fmt::format("the query{} gives {} columns and {} rows", series.empty() ? "" : " of " + series,
                            rows.columns.size(), rows.rows.size()),
                "one number, or a label and a number in each row");
  for (auto& row : rows.rows) put(row[0].value_or(""), row[1]);
  return {};
}

ports::SqlRequest request(const PostgresProbe& o, Duration timeout) {
  if (!o.index.empty()) return {.url = o.url, .text = std::string(kIndex), .parameters = {o.index}, .timeout = timeout};
  return {.url = o.url, .text = o.query.empty() ? "SELECT 1" : o.query, .parameters = {}, .timeout = timeout};
}

ports::Observation observed(const PostgresProbe& o, const ports::SqlRows& rows) {
  auto first = rows.rows.empty() || rows.rows[0].empty() ? std::nullopt : rows.rows[0][0];
  auto word = first ? printable(std::string_view(*first).substr(0, 200)) : "";
  if (!o.index.empty()) word = !first ? "absent" : *first == "t" ? "valid" : "invalid";
  ports::Observation out{.ok = o.index.empty() || word == "valid", .unwell = {"value"}};
  out.says =
      o.index.empty() ? fmt::format("{} rows in {}", rows.rows.size(), human(rows.took)) : o.index + " is " + word;
  out.numbers = {{"rows", static_cast<double>(rows.rows.size())}, {"time", seconds(rows.took)}};
  out.words["value"] = word;
  if (o.index.empty() && first)
    if (auto found = signals::quantity(*first))
      if (auto number = spec::in_base(*found, o.unit)) out.numbers["value"] = *number;
  return out;
}

void take_figures(ports::Observation& seen, std::map<std::string, double> figures) {
  if (figures["max_connections"] > 0) figures["pool_use"] = figures["connections"] / figures["max_connections"];
  for (auto& one : figures_table())
    if (auto found = figures.find(one.name); found != figures.end()) seen.numbers[one.name] = found->second;
}

ports::Task<ports::Observation> perform(PostgresProbe o, ports::Outside& out, ports::Asking who) {
  auto rows = co_await ask(out, request(o, who.timeout));
  if (!rows) co_return std::unexpected(rows.error());
  auto seen = observed(o, *rows);
  if (!wants_figures(who)) co_return seen;
  auto text = std::string(signals::postgres_question());
  auto server = co_await ask(out, {.url = o.url, .text = text, .parameters = {"1"}, .timeout = who.timeout});
  if (!server) co_return std::unexpected(server.error());
  take_figures(seen, first_row(*server));
  co_return seen;
}

Result<std::unique_ptr<ports::Source>> postgres_source(PostgresSignal o, ports::Outside& out, ports::Asking who) {
  return std::make_unique<Postgres>(std::move(o), out, who.timeout);
}

void add_postgres_probe(ports::Registry& r) {
  using spec::Unit;
  r.probe<PostgresProbe>(
      "postgres", "Asks a PostgreSQL; well is an answer, or an index that is valid.",
      "{ postgres: $DATABASE_URL, query: SELECT count(*) FROM orders, expect: value < 10 }", perform,
      with_figures({{"value", spec::kOwn, "the first column of the first row; of an index valid, invalid or absent"},
                    {"rows", Unit::none, "how many rows the answer has"},
                    {"time", Unit::seconds, "how long the answer took"}},
                   {}));
}

static void fit(const PostgresSignal& o, spec::Findings& finds) {
  for (auto& [name, query] : o.queries) finds.all.push_back({name, spec::kOwn, "what your query answers"});
  if (!o.query.empty()) finds.all.front().as = spec::kOwn;
}

void add_postgres_signal(ports::Registry& r) {
  using spec::Unit;
  r.source<PostgresSignal>(
      "postgres", "PostgreSQL: connections, pool use, slow queries, query times, numbers of your own.",
      "{ postgres: $DATABASE_URL, slow: 200ms }", postgres_source,
      with_figures({{"", spec::kWord, "up; with `query` what that answers"}},
                   {{"slow_queries", Unit::none, "running queries that take longer than `slow`"},
                    {"commits", Unit::rate, "commits per second"},
                    {"rollback_share", Unit::ratio, "transactions that were rolled back"},
                    {"deadlocks", Unit::none, "deadlocks since Davy began to look"},
                    {"cache_hit_rate", Unit::ratio, "blocks that were found in memory"},
                    {"restarts", Unit::none, "restarts since Davy began to look"},
                    {"query_rate", Unit::rate, "statements per second (pg_stat_statements)"},
                    {"query_mean", Unit::seconds, "their mean time"},
                    {"query_p95", Unit::seconds, "95th percentile of their mean times, by calls"}}),
      fit);
}

}  // namespace davy::providers
