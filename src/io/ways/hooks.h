#pragma once
#include "io/secrets/secrets.h"
#include "ports/net.h"
#include "ports/ways.h"

namespace davy::io {

// The value of a secret that stands for an address leaves here, and shows in no error: those name the host alone.
class Hooks final : public ports::Hooks {
 public:
  Hooks(ports::Http& http, const Secrets& secrets) : http_(http), secrets_(secrets) {}  // which must outlive this
  ports::Task<> post(ports::Post) override;

 private:
  Result<std::string> value_of(const std::string& text) const;  // of $NAME; any other text is its own

  ports::Http& http_;
  const Secrets& secrets_;
};

// HMAC-SHA256 (RFC 2104) in hex.
std::string hmac_sha256(std::string_view key, std::string_view text);

}  // namespace davy::io
