#pragma once
#include <memory>
#include <string>

#include "io/secrets/secrets.h"
#include "ports/net.h"

namespace davy::io {

// HTTP/1.1, one connection per request; https with the system's certificates, always verified. Redirects are answers,
// not followed; proxies are not used. `timeout` bounds all of it, names and handshake included. Errors never show the
// user information of a URL.
class Http final : public ports::Http {
 public:
  explicit Http(std::string ca_file = {});  // empty: the system's
  ~Http() override;

  // Whose values `auth` may mean; without it a request with `auth` is Code::invalid. They must outlive this.
  void know(const Secrets& secrets) { secrets_ = &secrets; }

  ports::Task<ports::HttpAnswer> send(ports::HttpRequest) override;

 private:
  struct Tls;
  std::unique_ptr<Tls> tls_;
  const Secrets* secrets_ = nullptr;
};

}  // namespace davy::io
