#pragma once
#include "io/secrets/secrets.h"
#include "ports/mongo.h"

namespace davy::io {

// OP_MSG over TCP, TLS (always verified) or a unix socket; logs in by SCRAM. The hosts of the URL are asked in their
// order, and no others looked for: with several, or where the URL says whom to ask (`readPreference`, the primary
// without), the first that it means; a host alone is asked whatever it is. Each has its share of the time. Secrets'
// values are put in here and wiped; they must outlive this.
class Mongo final : public ports::Mongo {
 public:
  explicit Mongo(const Secrets& secrets) : secrets_(secrets) {}
  ports::Task<std::string> ask(ports::MongoRequest) override;

 private:
  const Secrets& secrets_;
};

}  // namespace davy::io
