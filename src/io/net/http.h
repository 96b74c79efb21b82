#pragma once
#include <string>

#include "io/net/url.h"
#include "io/secrets/secrets.h"
#include "ports/net.h"

namespace davy::io {

// HTTP/1 and, where a TLS server offers it, HTTP/2, by libcurl; one connection per request unless that is to be kept.
// https with the system's certificates, or those of `ca_file` or the request. Proxies of the environment (http_proxy,
// https_proxy, all_proxy, no_proxy) are used, for loopback only when the request names one. Errors never show the user
// information of a URL. For one thread.
class Http final : public ports::Http {
 public:
  explicit Http(std::string ca_file = {}) : ca_file_(std::move(ca_file)) {}  // empty: the system's

  // Whose values `auth` may mean; without it a request with `auth` is Code::invalid. They must outlive this.
  void know(const Secrets& secrets) { secrets_ = &secrets; }

  ports::Task<ports::HttpAnswer> send(ports::HttpRequest) override;

 private:
  Result<std::string> authorization(const ports::HttpRequest&, const Url&) const;
  ports::Task<ports::HttpAnswer> follow(ports::HttpRequest, Url, std::string_view& far);

  std::string ca_file_;
  const Secrets* secrets_ = nullptr;
};

}  // namespace davy::io
