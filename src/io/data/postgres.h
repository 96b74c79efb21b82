#pragma once
#include "io/secrets/secrets.h"
#include "ports/stores.h"

namespace davy::io {

// libpq without blocking (PostgreSQL 15 manual, 34.1 and 34.4). Host names are resolved before, since libpq would wait
// for them; of several hosts in one URL it does. Each statement runs in a read-only transaction of its own, with
// `timeout` as its limit at the server too, so that what was given up here does not go on there; all of it is
// fit for pgbouncer's transaction pooling. Errors show neither the URL nor the password.
class Postgres final : public ports::Sql {
 public:
  explicit Postgres(const Secrets& secrets) : secrets_(secrets) {}
  ports::Task<ports::SqlRows> query(ports::SqlRequest) override;

 private:
  const Secrets& secrets_;
};

}  // namespace davy::io
