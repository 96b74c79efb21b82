#include "io/data/postgres.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>

#include "base/text.h"
#include "io/net/net.h"
#include "io/secrets/encodings.h"
#include "ports/secret_text.h"

namespace davy::io {
namespace {

using ports::SqlRows;

constexpr std::size_t kMostRows = 10'000, kMostBytes = 16 * 1024 * 1024;

struct Finish {
  void operator()(PGconn* c) const { ::PQfinish(c); }
  void operator()(PGresult* r) const { ::PQclear(r); }
  void operator()(PQconninfoOption* o) const { ::PQconninfoFree(o); }
};
using Connection = std::unique_ptr<PGconn, Finish>;
using Answer = std::unique_ptr<PGresult, Finish>;

// What libpq says, without what nobody may read, on one line.
std::string said(std::string text, const std::vector<std::string>& hidden) {
  for (auto& secret : hidden)
    if (secret.size() > 2)
      for (auto at = text.find(secret); at != text.npos; at = text.find(secret, at + 3))
        text.replace(at, secret.size(), "***");
  std::ranges::replace(text, '\n', ' ');
  return printable(trimmed(text).substr(0, 300));
}

Code code_of(std::string_view sqlstate) {
  if (sqlstate.starts_with("28") || sqlstate == "42501") return Code::refused;  // not allowed in, not allowed to
  if (sqlstate == "57014") return Code::timed_out;
  if (sqlstate.starts_with("57P") || sqlstate.starts_with("08") || sqlstate.starts_with("53")) return Code::unavailable;
  return Code::invalid;
}

// Until its socket can be read or written. A descriptor of our own: libpq may close or change its socket at any call.
ports::Task<> ready(PGconn* c, bool write) {
  asio::posix::stream_descriptor socket(co_await asio::this_coro::executor);
  int own = ::fcntl(::PQsocket(c), F_DUPFD_CLOEXEC, 0);
  if (own < 0) co_return fail(Code::unavailable, "the connection to PostgreSQL is gone");
  socket.assign(own);
  auto wait = write ? asio::posix::stream_descriptor::wait_write : asio::posix::stream_descriptor::wait_read;
  auto [error] = co_await socket.async_wait(wait, kAsTuple);
  if (error) co_return std::unexpected(network_error("talking to PostgreSQL", error));
  co_return Result<>();
}

struct Parameters {
  std::vector<std::string> keys, values;
  std::vector<std::string> hidden;  // what no message may show
  ~Parameters() {
    for (auto& value : values) wipe(value);
    for (auto& value : hidden) wipe(value);
  }
  void add(std::string key, std::string value) { keys.push_back(std::move(key)), values.push_back(std::move(value)); }
  std::string find(std::string_view key) const {
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (keys[i] == key) return values[i];
    return {};
  }
};

Result<std::unique_ptr<Parameters>> parse(const std::string& url, bool secret) {
  char* why = nullptr;
  std::unique_ptr<PQconninfoOption, Finish> all(::PQconninfoParse(url.c_str(), &why));
  ::PQfreemem(why);  // it may quote the password
  if (!all)
    return fail(Code::invalid, "not the URL or connection string of a PostgreSQL", "postgres://user@host/database");
  auto out = std::make_unique<Parameters>();
  if (secret) out->hidden.push_back(url);
  for (auto o = all.get(); o->keyword; ++o) {
    if (!o->val) continue;
    out->add(o->keyword, o->val);
    if (std::string_view(o->keyword) == "password") out->hidden.push_back(o->val);
  }
  if (out->find("gssencmode").empty())
    out->add("gssencmode", "disable");  // it would be asked for without need, and wait
  if (out->find("application_name").empty()) out->add("application_name", "davy");
  return out;
}

// libpq waits for names inside PQconnectPoll.
ports::Task<> find_host(Parameters& p) {
  auto host = p.find("host");
  boost::system::error_code none;
  asio::ip::make_address(host, none);
  if (host.empty() || host[0] == '/' || host[0] == '@' || host.contains(',') || !none || !p.find("hostaddr").empty())
    co_return Result<>();
  auto found = co_await resolve(host, "5432");
  if (!found) co_return std::unexpected(found.error());
  std::string hosts, addresses;
  for (auto& one : *found) {  // all of them, as libpq would try them
    hosts += (hosts.empty() ? "" : ",") + host;
    addresses += (addresses.empty() ? "" : ",") + one.endpoint().address().to_string();
  }
  for (std::size_t i = 0; i < p.keys.size(); ++i)
    if (p.keys[i] == "host") p.values[i] = hosts;
  p.add("hostaddr", addresses);
  co_return Result<>();
}

ports::Task<Connection> connect(Parameters& p) {
  if (auto found = co_await find_host(p); !found) co_return std::unexpected(found.error());
  std::vector<const char*> keys, values;
  for (auto& key : p.keys) keys.push_back(key.c_str());
  for (auto& value : p.values) values.push_back(value.c_str());
  keys.push_back(nullptr), values.push_back(nullptr);
  Connection c(::PQconnectStartParams(keys.data(), values.data(), 0));
  if (!c) co_return fail(Code::internal, "no memory for a connection to PostgreSQL");
  auto failed = [&] {
    std::string why = ::PQerrorMessage(c.get());
    bool refused = why.contains("authentication failed") || why.contains("no pg_hba.conf entry") ||
                   why.contains("no password supplied") || why.contains("permission denied");
    return fail(refused ? Code::refused : Code::unavailable, "connecting to PostgreSQL: " + said(why, p.hidden));
  };
  if (::PQstatus(c.get()) == CONNECTION_BAD) co_return failed();
  ::PQsetNoticeProcessor(c.get(), [](void*, const char*) {}, nullptr);
  for (auto next = PGRES_POLLING_WRITING; next != PGRES_POLLING_OK; next = ::PQconnectPoll(c.get())) {
    if (next == PGRES_POLLING_FAILED) co_return failed();
    if (auto can = co_await ready(c.get(), next == PGRES_POLLING_WRITING); !can) co_return std::unexpected(can.error());
  }
  ::PQsetnonblocking(c.get(), 1);
  co_return std::move(c);
}

// The next result of what was sent; null at its end.
ports::Task<Answer> next(PGconn* c, const Parameters& p) {
  for (bool unsent = true; unsent || ::PQisBusy(c);) {
    auto flushed = unsent ? ::PQflush(c) : 0;
    if (flushed < 0) co_return fail(Code::unavailable, "asking PostgreSQL: " + said(::PQerrorMessage(c), p.hidden));
    unsent = flushed > 0;
    if (!unsent && !::PQisBusy(c)) break;
    if (auto can = co_await ready(c, unsent); !can) co_return std::unexpected(can.error());
    if (!::PQconsumeInput(c))
      co_return fail(Code::unavailable, "PostgreSQL went away: " + said(::PQerrorMessage(c), p.hidden));
  }
  co_return Answer(::PQgetResult(c));
}

void keep(const PGresult* r, SqlRows& out, std::size_t& bytes) {
  auto columns = ::PQnfields(r);
  if (out.columns.empty())
    for (int i = 0; i < columns; ++i) out.columns.push_back(::PQfname(r, i));
  for (int row = 0; row < ::PQntuples(r); ++row) {
    auto& cells = out.rows.emplace_back();
    for (int i = 0; i < columns; ++i) {
      if (::PQgetisnull(r, row, i)) {
        cells.push_back(std::nullopt);
        continue;
      }
      cells.emplace_back(std::string(::PQgetvalue(r, row, i), static_cast<std::size_t>(::PQgetlength(r, row, i))));
      bytes += cells.back()->size() + sizeof(cells.back());
    }
  }
}

// Everything that comes of one statement.
ports::Task<SqlRows> gather(PGconn* c, const Parameters& p) {
  SqlRows out;
  std::size_t bytes = 0;
  std::optional<Error> wrong;
  for (;;) {
    auto answer = co_await next(c, p);
    if (!answer) co_return std::unexpected(answer.error());
    auto r = answer->get();
    if (!r) break;
    auto status = ::PQresultStatus(r);
    if (status == PGRES_COPY_OUT || status == PGRES_COPY_IN || status == PGRES_COPY_BOTH)
      co_return fail(Code::invalid, "COPY is no question");
    if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
      auto state = ::PQresultErrorField(r, PG_DIAG_SQLSTATE), text = ::PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
      auto code = state ? code_of(state) : Code::unavailable;
      wrong = Error{code, "PostgreSQL says: " + said(text ? text : ::PQresultErrorMessage(r), p.hidden)};
      continue;
    }
    if (status == PGRES_EMPTY_QUERY) wrong = Error{Code::invalid, "the query is empty"};
    keep(r, out, bytes);
    if (out.rows.size() > kMostRows || bytes > kMostBytes)
      co_return fail(Code::invalid, "the query gives more than 10,000 rows or 16 MiB", "a LIMIT, or an aggregate");
  }
  if (wrong) co_return std::unexpected(*wrong);
  co_return out;
}

ports::Task<SqlRows> simply(PGconn* c, const Parameters& p, std::string text) {
  if (!::PQsendQuery(c, text.c_str()))
    co_return fail(Code::unavailable, "asking PostgreSQL: " + said(::PQerrorMessage(c), p.hidden));
  co_return co_await gather(c, p);
}

ports::Task<SqlRows> talk(std::unique_ptr<Parameters> p, ports::SqlRequest r) {
  auto c = co_await connect(*p);
  if (!c) co_return std::unexpected(c.error());
  auto limit = std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::milliseconds>(r.timeout).count());
  auto began = co_await simply(c->get(), *p, fmt::format("BEGIN READ ONLY; SET LOCAL statement_timeout = {}", limit));
  if (!began) co_return began;
  auto start = std::chrono::steady_clock::now();
  std::vector<const char*> values;
  for (auto& value : r.parameters) values.push_back(value.c_str());
  if (!::PQsendQueryParams(c->get(), r.text.c_str(), static_cast<int>(values.size()), nullptr, values.data(), nullptr,
                           nullptr, 0))
    co_return fail(Code::invalid, "asking PostgreSQL: " + said(::PQerrorMessage(c->get()), p->hidden));
  ::PQsetSingleRowMode(c->get());
  auto rows = co_await gather(c->get(), *p);
  if (!rows) co_return rows;
  rows->took = std::chrono::steady_clock::now() - start;
  (void)co_await simply(c->get(), *p, "COMMIT");  // so that a pooler need not drop the connection
  co_return rows;
}

}  // namespace

ports::Task<SqlRows> Postgres::query(ports::SqlRequest r) {
  auto secret = ports::secret_in(r.url);
  auto value = secret ? secrets_.reveal(*secret) : Result<std::string_view>(r.url);
  if (!value) co_return std::unexpected(value.error());
  std::string url(*value);
  auto parameters = parse(url, secret.has_value());
  wipe(url);
  if (!parameters) co_return std::unexpected(parameters.error());
  auto timeout = r.timeout;
  co_return co_await within(timeout, "asking PostgreSQL", talk(std::move(*parameters), std::move(r)));
}

}  // namespace davy::io
