#include "migrations/runner/session.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>

#include <atomic>

#include "base/text.h"

namespace davy::migrations {
namespace {

constexpr int kLook = 200, kShortestLook = 20;  // ms
constexpr std::size_t kMostRows = 100'000;

std::atomic<bool> ending = false;

struct FreeOptions {
  void operator()(PQconninfoOption* o) const { ::PQconninfoFree(o); }
};

Code code_of(std::string_view state) {
  if (state.starts_with("28") || state == "42501") return Code::refused;
  if (state == "57014") return Code::cancelled;
  if (state.starts_with("57P") || state.starts_with("08") || state.starts_with("53")) return Code::unavailable;
  return Code::invalid;
}

struct Parameters {
  std::vector<std::string> keys, values;
  void add(std::string key, std::string value) { keys.push_back(std::move(key)), values.push_back(std::move(value)); }
  bool has(std::string_view key) const { return std::ranges::find(keys, key) != keys.end(); }
};

std::unexpected<Wrong> wrong(Code code, std::string message, std::string hint = {}) {
  return std::unexpected(Wrong{"", {code, std::move(message), std::move(hint), {}}});
}

Asked<Parameters> parameters_of(const Where& where, std::map<std::string, std::string>& hidden) {
  char* why = nullptr;
  std::unique_ptr<PQconninfoOption, FreeOptions> all(::PQconninfoParse(where.url.c_str(), &why));
  ::PQfreemem(why);  // it may quote the password
  if (!all)
    return wrong(Code::invalid, "not the URL or connection string of a PostgreSQL", "postgres://user@host/database");
  Parameters out;
  hidden["URL"] = where.url;
  for (auto o = all.get(); o->keyword; ++o) {
    if (!o->val || std::string_view(o->keyword) == "application_name") continue;
    out.add(o->keyword, o->val);
    if (std::string_view(o->keyword) == "password") hidden["password"] = o->val;
  }
  out.add("application_name", where.name);
  if (!out.has("gssencmode")) out.add("gssencmode", "disable");  // it would be asked for without need, and wait
  if (!out.has("connect_timeout")) out.add("connect_timeout", "10");
  if (!out.has("tcp_user_timeout")) out.add("tcp_user_timeout", "60000");  // a host that is gone is not waited for
  if (!out.has("keepalives_idle")) out.add("keepalives_idle", "20");
  return out;
}

constexpr const char* kOwnSession =
    "a migration needs a session of its own, for its lock and its settings: give the address of PostgreSQL itself";

}  // namespace

void heed_termination() {
  struct sigaction action{};
  action.sa_handler = [](int) { ending = true; };
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

bool asked_to_end() { return ending; }

std::string Session::masked(std::string_view text) const {
  auto masker = io::masker_of(hidden_);
  auto out = masker.pass(text);
  return printable(trimmed(out + masker.rest()));
}

std::unexpected<Wrong> Session::lost() const {
  return wrong(Code::unavailable,
               "PostgreSQL went away: " + masked(split(trimmed(::PQerrorMessage(connection_.get())), '\n').front()));
}

std::unexpected<Wrong> Session::said(const PGresult* r) const {
  auto field = [&](int which) { return text_or_none(::PQresultErrorField(r, which)); };
  auto state = field(PG_DIAG_SQLSTATE);
  if (state.empty() || ::PQstatus(connection_.get()) == CONNECTION_BAD) return lost();
  auto text = field(PG_DIAG_MESSAGE_PRIMARY);
  if (auto detail = field(PG_DIAG_MESSAGE_DETAIL); !detail.empty() && !state.starts_with("23"))  // it quotes values
    text += ": " + detail;
  return std::unexpected(
      Wrong{state, {code_of(state), "PostgreSQL says: " + masked(text), masked(field(PG_DIAG_MESSAGE_HINT)), {}}});
}

// The number of our session, as the server counts and as we were told when we came in: a pooler makes one up.
Asked<> Session::own_session() {
  auto own = ask("select pg_catalog.pg_backend_pid()");
  if (!own) return std::unexpected(own.error());
  pid_ = ::PQbackendPID(connection_.get());
  if (own->front().front() != std::to_string(pid_))
    return std::unexpected(Wrong{"", {Code::refused, "a pooler stands between here and PostgreSQL", kOwnSession, {}}});
  return {};
}

Asked<Session> Session::open(const Where& where) {
  Session out;
  auto all = parameters_of(where, out.hidden_);
  if (!all) return std::unexpected(all.error());
  std::vector<const char*> keys, values;
  for (auto& key : all->keys) keys.push_back(key.c_str());
  for (auto& value : all->values) values.push_back(value.c_str());
  keys.push_back(nullptr), values.push_back(nullptr);
  out.connection_.reset(::PQconnectdbParams(keys.data(), values.data(), 0));
  auto c = out.connection_.get();
  if (!c) return wrong(Code::internal, "no memory for a connection to PostgreSQL");
  if (::PQstatus(c) != CONNECTION_OK) {
    std::string why = ::PQerrorMessage(c);
    bool refused = why.contains("authentication failed") || why.contains("no pg_hba.conf entry") ||
                   why.contains("no password supplied") || why.contains("permission denied") ||
                   (why.contains("role \"") && why.contains("does not exist"));
    auto code = refused ? Code::refused : Code::unavailable;
    return std::unexpected(Wrong{"08001", {code, "connecting to PostgreSQL: " + out.masked(why), "", {}}});
  }
  ::PQsetNoticeProcessor(c, [](void*, const char*) {}, nullptr);
  out.lock_timeout_ = where.lock_timeout;
  if (auto own = out.own_session(); !own) return std::unexpected(own.error());
  if (auto set = out.settle(); !set) return std::unexpected(set.error());
  return out;
}

// An index takes its time: the step's own timeout is its limit. The check of the connection (from 14 on) ends what goes
// on at the server when we are gone. All in one message, which is one round trip.
Asked<> Session::settle() {
  constexpr const char* kSettings = R"(set session authorization default; reset role; reset all; set lock_timeout = {};
    set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set standard_conforming_strings = on;
    select pg_catalog.set_config('client_connection_check_interval', '1s', false)
      where pg_catalog.current_setting('client_connection_check_interval', true) is not null)";
  auto limit = std::chrono::ceil<std::chrono::milliseconds>(lock_timeout_).count();
  if (!::PQsendQuery(connection_.get(), fmt::format(kSettings, limit).c_str())) return lost();
  auto done = gather(false, {});
  if (!done) return std::unexpected(done.error());
  return {};
}

Asked<> Session::wait(const std::function<void()>& waits) {
  auto c = connection_.get();
  bool cancelled = false;
  auto thirds = std::chrono::duration_cast<std::chrono::milliseconds>(lock_timeout_).count() / 3;
  auto look =
      thirds > 0 ? std::clamp(static_cast<int>(std::min<long long>(thirds, kLook)), kShortestLook, kLook) : kLook;
  while (::PQisBusy(c)) {
    pollfd one{::PQsocket(c), POLLIN, 0};
    auto n = ::poll(&one, 1, look);
    if (ending && !cancelled) {
      char why[256];
      if (auto cancel = ::PQgetCancel(c)) ::PQcancel(cancel, why, sizeof why), ::PQfreeCancel(cancel);
      cancelled = true;
    }
    if (n == 0 && waits && !cancelled) waits();
    if (n > 0 && !::PQconsumeInput(c)) return lost();
  }
  return {};
}

// All that comes of one statement, so that the next may be sent.
Asked<Rows> Session::gather(bool keep, const std::function<void()>& waits) {
  Asked<Rows> out;
  for (;;) {
    if (auto came = wait(waits); !came) return std::unexpected(came.error());
    Answer r(::PQgetResult(connection_.get()));
    if (!r) break;
    auto status = ::PQresultStatus(r.get());
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH)
      return wrong(Code::invalid, "COPY from or to a client: nobody is there to send or take it");
    if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) out = said(r.get());
    if (!keep || !out) continue;
    for (int row = 0; row < ::PQntuples(r.get()) && out->size() < kMostRows; ++row) {
      auto& cells = out->emplace_back();
      for (int i = 0; i < ::PQnfields(r.get()); ++i)
        cells.emplace_back(::PQgetvalue(r.get(), row, i), static_cast<std::size_t>(::PQgetlength(r.get(), row, i)));
    }
  }
  if (!out && out.error().state == "57014" && ending)
    return std::unexpected(Wrong{"57014", {Code::cancelled, "asked to end", "", {}}});
  if (::PQstatus(connection_.get()) == CONNECTION_BAD) return lost();
  return out;
}

// The extended protocol takes one statement at a time, whatever stands in the text.
Asked<Rows> Session::send(const std::string& text, const std::vector<std::string>& values, bool keep,
                          const std::function<void()>& waits) {
  if (ending) return std::unexpected(Wrong{"57014", {Code::cancelled, "asked to end", "", {}}});
  std::vector<const char*> given;
  for (auto& value : values) given.push_back(value.c_str());
  if (!::PQsendQueryParams(connection_.get(), text.c_str(), static_cast<int>(given.size()), nullptr, given.data(),
                           nullptr, nullptr, 0))
    return lost();
  ::PQsetSingleRowMode(connection_.get());
  return gather(keep, waits);
}

Asked<Rows> Session::ask(const std::string& text, const std::vector<std::string>& values) {
  return send(text, values, true, {});
}

Asked<> Session::run(const std::string& text, const std::function<void()>& waits) {
  auto done = send(text, {}, false, waits);
  if (!done) return std::unexpected(done.error());
  return {};
}

}  // namespace davy::migrations
