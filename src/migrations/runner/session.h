// One session at a PostgreSQL. It waits, so it lives in a child under the keeper alone (`davy work migrate`).
#pragma once
#include <libpq-fe.h>

#include <functional>
#include <memory>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "io/secrets/masker.h"

namespace davy::migrations {

// state: PostgreSQL's SQLSTATE, also where it let nobody in (08001); "": the connection is gone.
struct Wrong {
  std::string state;
  Error error;
  bool lost() const { return state.empty(); }
  bool locked() const { return state == "55P03" || state == "40P01"; }  // lock_timeout, or a deadlock
};
template <class T = void>
using Asked = std::expected<T, Wrong>;

using Cells = std::vector<std::string>;  // null is ""
using Rows = std::vector<Cells>;

// How a session is opened. `name`: what others see of it, cut by the server at 63 bytes.
struct Where {
  std::string url;  // a secret: no message shows it, nor its password
  std::string name = "davy";
  Duration lock_timeout = std::chrono::milliseconds(500);
};

inline std::string text_or_none(const char* text) { return text ? text : ""; }

// TERM asks this process to end: the statement that goes on is cancelled at the server, and each call fails from then
// on with Code::cancelled.
void heed_termination();
bool asked_to_end();

class Session {
 public:
  // Code::refused: a wrong password, or a pooler stands in between (no session of one's own is kept there);
  // unavailable: nobody answers.
  static Asked<Session> open(const Where&);

  // One statement. What it returns is kept by ask(), at most 100,000 rows, and dropped by run(). waits: called
  // several times within a lock_timeout, and every 200 ms, while it goes on.
  Asked<Rows> ask(const std::string& text, const std::vector<std::string>& values = {});
  Asked<> run(const std::string& text, const std::function<void()>& waits = {});

  // As it was when it was opened: a file may have set what it likes.
  Asked<> settle();

  bool in_transaction() const { return ::PQtransactionStatus(connection_.get()) == PQTRANS_INTRANS; }
  int pid() const { return pid_; }
  std::string masked(std::string_view) const;

 private:
  struct Finish {
    void operator()(PGconn* c) const { ::PQfinish(c); }
    void operator()(PGresult* r) const { ::PQclear(r); }
  };
  using Answer = std::unique_ptr<PGresult, Finish>;

  Asked<> wait(const std::function<void()>& waits);
  Asked<Rows> gather(bool keep, const std::function<void()>& waits);
  Asked<Rows> send(const std::string& text, const std::vector<std::string>& values, bool keep,
                   const std::function<void()>& waits);
  Asked<> own_session();
  std::unexpected<Wrong> lost() const;
  std::unexpected<Wrong> said(const PGresult*) const;

  std::unique_ptr<PGconn, Finish> connection_;
  std::map<std::string, std::string> hidden_;  // what no message shows, by what stands there instead
  Duration lock_timeout_{};
  int pid_ = 0;
};

}  // namespace davy::migrations
