#include "backups/postgres/session.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>

#include "base/text.h"

namespace davy::backups {
namespace {

constexpr std::size_t kMostBytes = 64 * 1024 * 1024;

// One row of times, floats and bytes reads otherwise under each of these.
constexpr const char* kPinned =
    "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET bytea_output = 'hex'; "
    "SET extra_float_digits = 1; SET lc_monetary = 'C'; SET xmlbinary = 'base64'; SET client_encoding = 'UTF8'; "
    "SET search_path = ''; SET row_security = off; SET statement_timeout = 0; SET lock_timeout = 0; "
    "SET idle_in_transaction_session_timeout = 0; SET client_min_messages = error";

struct Clear {
  void operator()(PGresult* r) const { ::PQclear(r); }
};
using Answer = std::unique_ptr<PGresult, Clear>;

std::string line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return printable(trimmed(text).substr(0, 600));
}

Code code_of(std::string_view state) {
  if (state.starts_with("28") || state == "42501") return Code::refused;
  if (state.starts_with("53")) return state == "53100" ? Code::no_space : Code::unavailable;
  if (state.empty() || state.starts_with("57P") || state.starts_with("08")) return Code::unavailable;
  return state == "55006" ? Code::refused : Code::invalid;  // 55006: it is in use
}

}  // namespace

void Session::Finish::operator()(pg_conn* c) const { ::PQfinish(c); }
Session::Session(pg_conn* c, Place place) : c_(c), place_(std::move(place)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::open(const Place& place) {
  std::vector<const char*> keys, values;
  for (auto& [key, value] : place.settings()) keys.push_back(key.c_str()), values.push_back(value.c_str());
  for (auto [key, value] : {std::pair{"application_name", "davy backup"}, {"fallback_application_name", "davy"}})
    keys.push_back(key), values.push_back(value);
  keys.push_back(nullptr), values.push_back(nullptr);
  Session out(::PQconnectdbParams(keys.data(), values.data(), 0), place);
  if (!out.c_) return fail(Code::internal, "no memory for a connection to PostgreSQL");
  if (::PQstatus(out.c_.get()) != CONNECTION_OK) {
    std::string why = ::PQerrorMessage(out.c_.get());
    bool refused = why.contains("authentication failed") || why.contains("no pg_hba.conf entry") ||
                   why.contains("no password supplied") || why.contains("permission denied");
    return fail(refused ? Code::refused : Code::unavailable,
                "connecting to PostgreSQL: " + line(place.masked(std::move(why))));
  }
  ::PQsetNoticeProcessor(out.c_.get(), [](void*, const char*) {}, nullptr);
  if (auto pinned = out.run(kPinned); !pinned) return std::unexpected(pinned.error());
  return out;
}

// Without its detail, which quotes values of rows.
Error Session::said(const std::string& doing, const void* answer) const {
  auto r = static_cast<const PGresult*>(answer);
  auto state = ::PQresultErrorField(r, PG_DIAG_SQLSTATE), primary = ::PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
  std::string why = primary ? primary : ::PQerrorMessage(c_.get());
  return {code_of(state ? state : ""), fmt::format("{}: PostgreSQL says: {}", doing, line(place_.masked(why)))};
}

Result<Session::Rows> Session::ask(const std::string& text, const std::vector<std::string>& parameters) {
  std::vector<const char*> values;
  for (auto& one : parameters) values.push_back(one.c_str());
  Answer r(::PQexecParams(c_.get(), text.c_str(), static_cast<int>(values.size()), nullptr, values.data(), nullptr,
                          nullptr, 0));
  auto status = ::PQresultStatus(r.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
    return std::unexpected(said(line(text.substr(0, 80)), r.get()));
  Rows out;
  std::size_t bytes = 0;
  for (int i = 0; i < ::PQntuples(r.get()); ++i) {
    auto& row = out.emplace_back();
    for (int j = 0; j < ::PQnfields(r.get()); ++j) {
      if (::PQgetisnull(r.get(), i, j))
        row.emplace_back();
      else
        row.emplace_back(::PQgetvalue(r.get(), i, j));
      bytes += sizeof row.back() + (row.back() ? row.back()->size() : 0);
    }
    if (bytes > kMostBytes) return fail(Code::invalid, "an answer of PostgreSQL is larger than 64 MiB");
  }
  return out;
}

Result<std::string> Session::one(const std::string& text, const std::vector<std::string>& parameters) {
  auto rows = ask(text, parameters);
  if (!rows) return std::unexpected(rows.error());
  if (rows->empty() || rows->front().empty()) return fail(Code::invalid, text + ": PostgreSQL answers with no row");
  return rows->front().front().value_or("");
}

Result<> Session::run(const std::string& text) {
  Answer r(::PQexec(c_.get(), text.c_str()));
  auto status = ::PQresultStatus(r.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return {};
  return std::unexpected(said(line(text.substr(0, 80)), r.get()));
}

int Session::server_version() const { return ::PQserverVersion(c_.get()); }

std::string Session::name(const std::string& raw) const {
  std::unique_ptr<char, decltype(&::PQfreemem)> quoted(::PQescapeIdentifier(c_.get(), raw.c_str(), raw.size()),
                                                       &::PQfreemem);
  return quoted ? quoted.get() : "\"\"";
}

std::string Session::text(const std::string& raw) const {
  std::unique_ptr<char, decltype(&::PQfreemem)> quoted(::PQescapeLiteral(c_.get(), raw.c_str(), raw.size()),
                                                       &::PQfreemem);
  return quoted ? quoted.get() : "''";
}

}  // namespace davy::backups
