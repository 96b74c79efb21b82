#include "providers/signal/options.h"

#include "ports/secret_text.h"

namespace davy::providers {
namespace {

std::string_view behind_scheme(std::string_view url) {
  auto at = url.find("://");
  return at == url.npos ? url : url.substr(at + 3);
}

}  // namespace

Result<std::optional<ports::HttpAuth>> http_auth(const std::string& token, const std::string& user,
                                                 const std::string& password) {
  if (token.empty() && user.empty() && password.empty()) return std::nullopt;
  if (!token.empty() && !(user.empty() && password.empty()))
    return fail(Code::invalid, "both `token` and `user` or `password`", "one of them");
  auto secret = ports::secret_in(token.empty() ? password : token);
  if (!secret)
    return fail(Code::invalid, token.empty() ? "`password` does not name a secret" : "`token` does not name a secret",
                "$NAME, and NAME under `secrets:`");
  return ports::HttpAuth{user, *secret};
}

std::string address_of(std::string_view url) {
  auto rest = behind_scheme(url);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  return std::string(rest.substr(rest.rfind('@') == rest.npos ? 0 : rest.rfind('@') + 1));
}

std::string path_of(std::string_view url) {
  auto rest = behind_scheme(url);
  auto slash = rest.find('/');
  if (slash == rest.npos) return "/";
  rest = rest.substr(slash);
  return std::string(rest.substr(0, rest.find_first_of("?#")));
}

}  // namespace davy::providers
