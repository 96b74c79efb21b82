#pragma once
#include "io/secrets/secrets.h"
#include "ports/ways.h"

namespace davy::io {

// One connection for each letter, with the system's certificates or those of SSL_CERT_FILE. A server that says "not
// now" has nothing (Code::unavailable); one that says no to sender, recipient or text refuses.
class Mail final : public ports::Mail {
 public:
  explicit Mail(const Secrets& secrets) : secrets_(secrets) {}  // which must outlive this
  ports::Task<> send(ports::Letter) override;

 private:
  const Secrets& secrets_;
};

}  // namespace davy::io
