#include "io/net/http_options.h"

#include <strings.h>

#include <algorithm>
#include <cstdlib>

#include "io/secrets/encodings.h"

namespace davy::io {
namespace {

const char* environment(const char* name) {
  auto* value = std::getenv(name);
  return value ? value : "";
}

// Nothing on this machine is asked by way of another.
std::string never_by_proxy() {
  std::string own = environment("no_proxy");
  if (own.empty()) own = environment("NO_PROXY");
  if (own == "*") return own;
  return own + (own.empty() ? "" : ",") + "localhost,127.0.0.0/8,::1";
}

void choose_proxy(CURL* easy, const ports::HttpRequest& request, const Url& url) {
  if (!url.socket.empty() || request.proxy == "") {
    ::curl_easy_setopt(easy, CURLOPT_PROXY, "");
  } else if (request.proxy) {
    ::curl_easy_setopt(easy, CURLOPT_PROXY, request.proxy->c_str());
    ::curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
  } else {
    ::curl_easy_setopt(easy, CURLOPT_NOPROXY, never_by_proxy().c_str());
  }
  ::curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

void choose_method(CURL* easy, const ports::HttpRequest& request) {
  const auto& method = request.method;
  if (method == "HEAD") {
    ::curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else if (!request.body.empty() || method == "POST" || method == "PUT" || method == "PATCH") {
    ::curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    ::curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
  }
  ::curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method.c_str());
}

// OpenSSL would ask at the terminal for the passphrase of a key; an empty one is an error instead. Sessions are not
// resumed: each connection proves the certificate as it stands now.
void choose_trust(CURL* easy, const ports::HttpRequest& request) {
  auto ca = request.ca.empty() ? environment("SSL_CERT_FILE") : request.ca.c_str();
  if (*ca) {
    ::curl_easy_setopt(easy, CURLOPT_CAINFO, ca);
    ::curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, ca);
  }
  if (!request.ca.empty())  // these and no others
    ::curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr), ::curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, nullptr);
  else if (auto folder = environment("SSL_CERT_DIR"); *folder)
    ::curl_easy_setopt(easy, CURLOPT_CAPATH, folder);
  if (!request.certificate.empty()) ::curl_easy_setopt(easy, CURLOPT_SSLCERT, request.certificate.c_str());
  if (!request.key.empty()) ::curl_easy_setopt(easy, CURLOPT_SSLKEY, request.key.c_str());
  ::curl_easy_setopt(easy, CURLOPT_KEYPASSWD, "");
  ::curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
}

// Names are looked up anew each time, as their answers may be what a deployment changes; and a lookup under way does
// not hold up whoever gives up waiting for it.
void choose_connection(CURL* easy, const ports::HttpRequest& request, const Url& url) {
  ::curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  ::curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_2TLS});
  if (!url.socket.empty()) ::curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, url.socket.c_str());
  ::curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  ::curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  if (request.keep) return;
  ::curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  ::curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
}

bool has(const ports::HttpRequest& request, const char* name) {
  return std::ranges::any_of(request.headers, [&](auto& h) { return ::strcasecmp(h.first.c_str(), name) == 0; });
}

// "Name;" is how curl is told to send a header without a value. What curl would add by itself is taken out ("Name:").
bool add_headers(const ports::HttpRequest& request, const std::string& authorization, HeaderLines& lines) {
  bool fine = true;
  for (const auto& [name, value] : request.headers)
    if (authorization.empty() || ::strcasecmp(name.c_str(), "authorization") != 0) {
      auto line = value.empty() ? name + ";" : name + ": " + value;
      fine &= lines.add(line);
      wipe(line);
    }
  for (auto* name : {"Content-Type", "Expect"})
    if (!has(request, name)) fine &= lines.add(std::string(name) + ":");
  if (!request.keep && !has(request, "Connection")) fine &= lines.add("Connection: close");
  if (authorization.empty()) return fine;
  auto line = "Authorization: " + authorization;
  fine &= lines.add(line);
  wipe(line);
  return fine;
}

}  // namespace

HeaderLines::~HeaderLines() {
  for (auto* at = list_; at; at = at->next) ::explicit_bzero(at->data, std::string_view(at->data).size());
  ::curl_slist_free_all(list_);
}

bool HeaderLines::add(const std::string& line) {
  auto* longer = ::curl_slist_append(list_, line.c_str());
  if (longer) list_ = longer;
  return longer;
}

Result<> set_options(CURL* easy, const ports::HttpRequest& request, const Url& url, const std::string& authorization,
                     HeaderLines& lines) {
  auto address = (url.secure ? "https://" : "http://") + url.host_header() + url.target;
  bool fine = ::curl_easy_setopt(easy, CURLOPT_URL, address.c_str()) == CURLE_OK;
  ::curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  ::curl_easy_setopt(easy, CURLOPT_USERAGENT, "davy");
  if (request.packed) ::curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
  choose_connection(easy, request, url);
  choose_proxy(easy, request, url);
  choose_method(easy, request);
  choose_trust(easy, request);
  fine &= add_headers(request, authorization, lines);
  ::curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines.list());
  if (!fine) return fail(Code::unavailable, "there is no memory for a request");
  return {};
}

}  // namespace davy::io
