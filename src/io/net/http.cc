#include "io/net/http.h"

#include <fmt/format.h>

#include "io/net/http_answer.h"
#include "io/net/http_errors.h"
#include "io/net/http_options.h"
#include "io/net/http_secrets.h"
#include "io/net/net.h"
#include "io/secrets/encodings.h"
#include "ports/http_rules.h"

namespace davy::io {
namespace {

struct Hop {
  ports::HttpAnswer answer;
  std::string leads_to;  // absolute; empty: nowhere
};

std::string where_of(const Url& url) { return url.socket.empty() ? url.host_header() : url.socket; }

// How far it came, for whoever gave up waiting.
std::string_view how_far(const Transfer& transfer, const HttpReader& reader) {
  if (reader.headers_done()) return "its body is not complete";
  if (reader.headers_begun()) return "its headers are not complete";
  return transfer.asked() ? "connected, but nothing came" : "not connected yet";
}

ports::Task<Hop> ask(const ports::HttpRequest& request, const Url& url, std::string authorization,
                     std::string_view& far) {
  Transfer transfer(request.most);
  HeaderLines lines;
  HttpReader reader(request.most, request.packed);
  if (transfer.easy()) {
    auto set = set_options(transfer.easy(), request, url, authorization, lines);
    wipe(authorization);
    if (!set) co_return std::unexpected(set.error());
    reader.read_from(transfer.easy());
  }
  auto code = co_await transfer.carry_out();
  far = how_far(transfer, reader);
  if (!code)
    co_return std::unexpected(Error{code.error().code, "asking " + where_of(url) + ": " + code.error().message});
  if (*code != CURLE_OK) co_return std::unexpected(transfer_error(transfer, *code, reader, request, where_of(url)));
  if (!reader.headers_done())  // curl takes the end of the connection for the end of the headers
    co_return fail(Code::unavailable, where_of(url) + " closed the connection before its answer was complete");
  char* next = nullptr;
  ::curl_easy_getinfo(transfer.easy(), CURLINFO_REDIRECT_URL, &next);
  co_return Hop{std::move(reader).answer(transfer.easy()), next ? next : ""};
}

bool same_origin(const Url& a, const Url& b) {
  return a.secure == b.secure && a.host == b.host && a.port == b.port && a.socket == b.socket;
}

// A redirect is the server's word, so nothing that was meant for it goes to another: no secret, no header, no body; and
// what was asked in secret is not asked in the clear. A unix socket leads to itself only.
Result<> turn(ports::HttpRequest& request, Url& url, const Hop& hop) {
  auto from = where_of(url);
  auto next = parse_url(hop.leads_to);
  if (!next) return fail(Code::invalid, from + " redirects to what is not a URL");
  if (!url.socket.empty() && next->host == "localhost") next->socket = url.socket;
  if (!next->socket.empty() && next->socket != url.socket)
    return fail(Code::invalid, from + " redirects to a socket of this machine");
  bool within = same_origin(*next, url);
  if (!url.socket.empty() && !within) return fail(Code::invalid, from + " redirects away from its socket");
  if (url.secure && !next->secure) return fail(Code::invalid, from + " redirects from https to http");
  bool see_other = hop.answer.status == 303 || (hop.answer.status < 303 && request.method == "POST");
  if (see_other && request.method != "HEAD") request.method = "GET", request.body.clear();
  if (!within && !request.body.empty()) return fail(Code::invalid, from + " redirects what was sent to another server");
  if (within && next->authorization.empty()) next->authorization = url.authorization;
  if (!within) request.headers.clear(), request.auth.reset();
  url = std::move(*next);
  return {};
}

}  // namespace

// The only place where a request meets a secret's value.
Result<std::string> Http::authorization(const ports::HttpRequest& request, const Url& url) const {
  if (!request.auth) return url.authorization;
  const auto& auth = *request.auth;
  if (!secrets_) return fail(Code::invalid, "no secret can be sent from here: " + auth.secret.name);
  auto value = secrets_->reveal(auth.secret);
  if (!value) return std::unexpected(value.error());
  if (!ports::sendable(*value))
    return fail(Code::invalid, "the secret " + auth.secret.name + " cannot be sent in a header");
  if (auth.user.empty()) return "Bearer " + std::string(*value);
  auto both = auth.user + ":" + std::string(*value);
  auto out = "Basic " + base64(both);
  wipe(both);
  return out;
}

ports::Task<ports::HttpAnswer> Http::follow(ports::HttpRequest request, Url url, std::string_view& far) {
  for (auto left = request.redirects;; --left) {
    auto login = authorization(request, url);
    if (!login) co_return std::unexpected(login.error());
    auto filled = FilledRequest::from(request, secrets_);
    if (!filled) co_return std::unexpected(filled.error());
    auto hop = co_await ask(filled->request(), url, std::move(*login), far);
    if (!hop) co_return std::unexpected(hop.error());
    if (request.redirects == 0 || hop->leads_to.empty()) co_return std::move(hop->answer);
    if (left == 0)
      co_return fail(Code::invalid, fmt::format("{} redirects more than {} times", where_of(url), request.redirects));
    if (auto turned = turn(request, url, *hop); !turned) co_return std::unexpected(turned.error());
  }
}

ports::Task<ports::HttpAnswer> Http::send(ports::HttpRequest request) {
  auto began = std::chrono::steady_clock::now();
  auto url = parse_url(request.url);
  if (!url) co_return std::unexpected(url.error());
  if (auto fine = ports::check_request(request); !fine) co_return std::unexpected(fine.error());
  if (request.ca.empty()) request.ca = ca_file_;
  auto timeout = request.timeout;
  auto doing = "asking " + where_of(*url);
  std::string_view far;
  try {
    auto answer = co_await within(timeout, doing, follow(std::move(request), std::move(*url), far));
    if (answer) answer->took = std::chrono::steady_clock::now() - began;
    if (!answer && answer.error().code == Code::timed_out) answer.error().message += fmt::format(" ({})", far);
    co_return answer;
  } catch (const std::bad_alloc&) {
    co_return fail(Code::unavailable, doing + ": there is no memory for it");
  }
}

}  // namespace davy::io
