#include "io/net/http_secrets.h"

#include <nlohmann/json.hpp>

#include "io/secrets/encodings.h"
#include "ports/http_rules.h"
#include "ports/secret_text.h"

namespace davy::io {
namespace {

using Json = nlohmann::ordered_json;

// The value, where the text is `$NAME` of one that the request means.
Result<std::optional<std::string_view>> value_of(const std::string& text, const ports::HttpRequest& request,
                                                 const Secrets& secrets) {
  auto name = ports::secret_in(text);
  if (!name || !request.secrets.contains(name->name)) return std::nullopt;
  auto value = secrets.reveal(*name);
  if (!value) return std::unexpected(value.error());
  return *value;
}

Result<> fill(Json& at, const ports::HttpRequest& request, const Secrets& secrets) {
  if (auto text = at.get_ptr<Json::string_t*>()) {
    auto value = value_of(*text, request, secrets);
    if (!value) return std::unexpected(value.error());
    if (*value) *text = **value;
  }
  if (at.is_structured())
    for (auto& below : at)
      if (auto done = fill(below, request, secrets); !done) return done;
  return {};
}

void wipe_texts(Json& at) {
  if (auto text = at.get_ptr<Json::string_t*>()) wipe(*text);
  if (at.is_structured())
    for (auto& below : at) wipe_texts(below);
}

}  // namespace

Result<FilledRequest> FilledRequest::from(const ports::HttpRequest& request, const Secrets* secrets) {
  FilledRequest out(request);
  if (request.secrets.empty()) return out;
  if (!secrets) return fail(Code::invalid, "no secret can be sent from here");
  if (auto done = out.fill_headers(*secrets); !done) return std::unexpected(done.error());
  if (auto done = out.fill_body(*secrets); !done) return std::unexpected(done.error());
  return out;
}

FilledRequest::~FilledRequest() {
  if (request_.secrets.empty()) return;
  wipe(request_.body);
  for (auto& [name, value] : request_.headers) wipe(value);
}

Result<> FilledRequest::fill_headers(const Secrets& secrets) {
  for (auto& [name, text] : request_.headers) {
    auto value = value_of(text, request_, secrets);
    if (!value) return std::unexpected(value.error());
    if (!*value) continue;
    if (!ports::sendable(**value)) return fail(Code::invalid, "the secret " + text + " cannot be sent in a header");
    text = **value;
  }
  return {};
}

// What is not a map of the plan's goes as it is, whatever it is: an answer of another server may stand in it.
Result<> FilledRequest::fill_body(const Secrets& secrets) {
  if (!request_.secrets_in_body || !request_.body.contains('$')) return {};
  auto json = Json::parse(request_.body, nullptr, false);
  if (json.is_discarded()) return {};
  auto done = fill(json, request_, secrets);
  if (done) request_.body = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  wipe_texts(json);
  return done;
}

}  // namespace davy::io
