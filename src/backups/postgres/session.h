// One connection to a PostgreSQL that waits for its answers.
#pragma once
#include <memory>
#include <optional>

#include "backups/postgres/place.h"

struct pg_conn;

namespace davy::backups {

class Session {
 public:
  using Row = std::vector<std::optional<std::string>>;
  using Rows = std::vector<Row>;

  // Code::refused: not let in; Code::unavailable: not reached. Whatever is asked of it, texts come out the same on
  // every server: time zone, dates, floats and the like are pinned, and row security that would hide rows is an Error.
  static Result<Session> open(const Place&);
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  // At most 64 MiB of answer. Errors are what the server says.
  Result<Rows> ask(const std::string& text, const std::vector<std::string>& parameters = {});
  Result<std::string> one(const std::string& text, const std::vector<std::string>& parameters = {});  // a single cell
  Result<> run(const std::string& text);  // one statement, or several

  int server_version() const;                      // 150018
  std::string name(const std::string& raw) const;  // quoted as a name
  std::string text(const std::string& raw) const;  // quoted as a text

 private:
  Session(pg_conn* c, Place place);
  Error said(const std::string& doing, const void* answer) const;
  struct Finish {
    void operator()(pg_conn*) const;
  };
  std::unique_ptr<pg_conn, Finish> c_;
  Place place_;
};

}  // namespace davy::backups
