#include "io/net/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "io/net/address.h"
#include "io/secrets/encodings.h"

namespace davy::io {
namespace {

std::unexpected<Error> not_a_url(std::string_view shown, std::string_view why) {
  return fail(Code::invalid, fmt::format("'{}' is not a URL that can be asked: {}", shown, why),
              "http://host[:port]/path or https://…");
}

}  // namespace

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned char byte = static_cast<unsigned char>(text[at]);
    bool coded = byte == '%' && at + 2 < text.size();
    if (coded && std::from_chars(text.data() + at + 1, text.data() + at + 3, byte, 16).ptr == text.data() + at + 3)
      at += 2;
    out += static_cast<char>(byte);
  }
  return out;
}

std::string form_value(std::string_view form, std::string_view name) {
  for (auto field : split(form, '&')) {
    auto equals = std::min(field.find('='), field.size());
    if (percent_decoded(field.substr(0, equals)) != name) continue;
    std::string value(field.substr(std::min(equals + 1, field.size())));
    std::ranges::replace(value, '+', ' ');
    return percent_decoded(value);
  }
  return "";
}

std::string Url::host_header() const {
  auto name = host.contains(':') ? "[" + host + "]" : host;
  return port == (secure ? "443" : "80") ? name : name + ":" + port;
}

// The host is the socket's path; all else is as with http.
static Result<Url> parse_socket_url(std::string_view rest) {
  auto name = rest.substr(0, rest.find('/'));
  auto path = percent_decoded(name);
  if (!path.starts_with('/') || path.contains('\0')) return not_a_url(path, "its socket is no absolute path");
  auto url = parse_url("http://localhost" + std::string(rest.substr(name.size())));
  if (url) url->socket = std::move(path);
  return url;
}

Result<Url> parse_url(const std::string& text) {
  constexpr std::string_view kSocket = "http+unix://";
  if (text.starts_with(kSocket)) return parse_socket_url(std::string_view(text).substr(kSocket.size()));
  Url url;
  url.secure = text.starts_with("https://");
  if (!url.secure && !text.starts_with("http://")) {
    auto shown = text.contains('@') ? "…" + text.substr(text.rfind('@')) : text;
    return not_a_url(shown, "it begins with neither http:// nor https://");
  }
  auto rest = std::string_view(text).substr(url.secure ? 8 : 7);
  auto authority = rest.substr(0, rest.find_first_of("/?#"));
  rest.remove_prefix(authority.size());
  if (auto at = authority.rfind('@'); at != std::string_view::npos) {
    url.authorization = "Basic " + base64(percent_decoded(authority.substr(0, at)));
    authority.remove_prefix(at + 1);
  }
  url.target = std::string(rest.substr(0, rest.find('#')));
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  bool visible = std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) > ' ' && c != 127; });
  auto shown = fmt::format("{}{}{}", url.secure ? "https://" : "http://", authority, url.target);
  if (!visible) return not_a_url(shown, "it contains blanks or control characters");
  bool has_port = authority.rfind(':') != std::string_view::npos && authority.rfind(':') + 1 > authority.rfind(']') + 1;
  auto address = parse_address(std::string(authority) + (has_port ? "" : url.secure ? ":443" : ":80"));
  if (!address) return not_a_url(shown, "its host or port is wrong");
  url.host = address->host;
  url.port = address->port;
  return url;
}

}  // namespace davy::io
