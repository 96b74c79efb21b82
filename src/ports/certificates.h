// What a server, or a file, shows of itself by X.509 certificates (RFC 5280). Only looked at: whom to trust where
// something is sent is the business of who sends.
#pragma once
#include <string>
#include <vector>

#include "base/time.h"
#include "ports/task.h"

namespace davy::ports {

struct Certificate {
  std::string subject, issuer;      // "CN=shop.example, O=Acme"
  std::vector<std::string> names;   // whom it is for: DNS names and addresses
  Time from{}, until{};             // what lies beyond the years that Time knows is their end
  std::string serial, fingerprint;  // hexadecimal; the fingerprint is SHA-256
  std::string key;                  // "EC 256", "RSA 2048"
};

// How a connection begins in the clear and turns to TLS.
enum class StartTls { none, smtp, imap, pop3, ftp, postgres };

struct TlsQuestion {
  std::string address;    // host:port
  std::string name = {};  // for whom it is asked (SNI, and the name that must be on it); empty: the host
  std::string ca = {};    // file of certificates that are trusted instead of the usual ones
  StartTls start = StartTls::none;
  Duration timeout = std::chrono::seconds(10);
};
struct TlsSeen {
  std::vector<Certificate> chain;  // as it was sent, the server's own first; never empty
  std::string distrust = {};       // why the chain is not trusted now; empty: it is
  bool named = false;              // its own is for the name that was asked
  std::string version, cipher;     // "1.3", "TLS_AES_256_GCM_SHA384"
  Duration took{};                 // to the end of the handshake
};

// A certificate that is bad is an answer. Code::unavailable: not there, refused, no TLS; Code::timed_out;
// Code::invalid: no address, no certificate in PEM, a `ca` that cannot be read.
struct Certificates {
  virtual ~Certificates() = default;
  virtual Task<TlsSeen> ask(TlsQuestion) = 0;
  // Those in a text in PEM, in its order; at least one.
  virtual Result<std::vector<Certificate>> in_pem(const std::string& text) = 0;
};

}  // namespace davy::ports
