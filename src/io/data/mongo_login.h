// SCRAM (RFC 5802, RFC 7677), by which a MongoDB lets one in: neither side says the password, and each proves that it
// knows it. Pure: the nonce is handed in.
#pragma once
#include <string>
#include <string_view>

#include "base/error.h"

namespace davy::io {

enum class ScramHash { sha1, sha256 };

// The password as SCRAM takes it: with SHA-1 MongoDB's digest of user and password, with SHA-256 after SASLprep (RFC
// 4013). Code::invalid: SHA-256, and not in printable ASCII, whose preparation is not done here. The caller wipes it.
Result<std::string> scram_password(ScramHash, std::string_view user, std::string_view password);

// One login. Passwords and keys are wiped.
class Scram {
 public:
  static constexpr int kLeastRounds = 4096, kMostRounds = 200'000;  // a server may ask for no more of our time

  Scram(ScramHash hash, std::string user, std::string password, std::string nonce);
  ~Scram();
  Scram(const Scram&) = delete;

  std::string first() const;
  // What is said to the server's first message. Code::invalid: it makes no sense, or asks for too few or too many
  // rounds.
  Result<std::string> answer(std::string_view server_first);
  // Code::invalid: who answers does not know the password either. Code::refused: it says why it lets nobody in.
  Result<> believe(std::string_view server_final) const;

 private:
  std::string first_bare() const;
  ScramHash hash_;
  std::string user_, password_, nonce_, server_signature_;
};

std::string base64_decoded(std::string_view);  // empty where it is none

}  // namespace davy::io
