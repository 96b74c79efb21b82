#include "io/ways/hooks.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "io/net/url.h"
#include "io/secrets/encodings.h"

namespace davy::io {
namespace {

// "example.com:443": what may be shown of an address.
std::string host_of(const std::string& url) {
  auto parsed = parse_url(url);
  return parsed ? parsed->host_header() : "an address that is no URL";
}

// 429: not now. What a server or a gateway failed at (from 500 on) may have been done.
Code said_by(int status) {
  if (status == 429) return Code::unavailable;
  return status >= 500 ? Code::invalid : Code::refused;
}

}  // namespace

std::string hmac_sha256(std::string_view key, std::string_view text) {
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  ::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
         text.size(), hash, &size);
  std::string out;
  for (unsigned i = 0; i < size; ++i) out += fmt::format("{:02x}", hash[i]);
  return out;
}

Result<std::string> Hooks::value_of(const std::string& text) const {
  if (!text.starts_with('$')) return text;
  auto value = secrets_.reveal({text.substr(1)});
  if (!value) return std::unexpected(value.error());
  return std::string(*value);
}

ports::Task<> Hooks::post(ports::Post post) {
  auto url = value_of(post.url);
  auto key = value_of(post.sign);
  if (!url || !key) co_return std::unexpected(url ? key.error() : url.error());
  ports::HttpRequest request{.method = "POST", .url = *url, .body = std::move(post.body), .timeout = post.timeout};
  request.auth = std::move(post.auth);
  request.headers = std::move(post.headers);
  request.headers["Content-Type"] = post.type, request.headers["Davy-Notice"] = post.id;
  if (!post.sign.empty()) request.headers["Davy-Signature"] = "sha256=" + hmac_sha256(*key, request.body);
  wipe(*key);
  auto where = host_of(*url);
  auto secret = post.url.starts_with('$');
  wipe(*url);
  auto answer = co_await http_.send(std::move(request));
  // An error of a URL shows the URL.
  if (!answer && secret && answer.error().code == Code::invalid)
    co_return fail(Code::invalid, fmt::format("the webhook {} at {} cannot be asked", post.url, where));
  if (!answer && answer.error().code == Code::unavailable)  // or it broke off, which Http does not tell apart
    co_return fail(Code::invalid, answer.error().message, answer.error().hint);
  if (!answer) co_return std::unexpected(answer.error());
  if (answer->status >= 200 && answer->status < 300) co_return Result<>();
  co_return fail(said_by(answer->status), fmt::format("the webhook at {} answered {}", where, answer->status));
}

}  // namespace davy::io
