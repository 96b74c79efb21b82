// Probe `http`: asks a URL; well is any 2xx.
#pragma once
#include "ports/registry.h"

namespace davy::providers {

struct HttpProbe {
  std::string url, method = {}, json = {};
  std::optional<spec::Value> post = {};
  std::map<std::string, std::string> headers = {};
  std::string token = {}, user = {}, password = {};
  spec::Measure unit = {};
  std::string ca = {}, certificate = {}, key = {};
  std::int32_t redirects = 0;
  bool packed = false;
  std::map<std::string, std::string> keep = {};  // name → path in its JSON, or header.NAME
  std::vector<spec::Value> then = {};            // requests that come after it, each as this one
};

bool fit_together(const HttpProbe&, const spec::Value&, spec::Diagnostics&);
ports::HttpRequest request(const HttpProbe&, Duration timeout);
ports::Observation observed(const HttpProbe&, const ports::HttpAnswer&);
ports::Task<ports::Observation> perform(HttpProbe, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::HttpProbe> = "http";
template <>
inline constexpr auto kFields<providers::HttpProbe> = std::tuple{
    required("http", &providers::HttpProbe::url, "URL to ask"),
    optional("method", &providers::HttpProbe::method, "GET, or POST where there is something to post"),
    optional("post", &providers::HttpProbe::post,
             "what is posted, as JSON; a value in it that is `$NAME` of a secret alone is put in"),
    optional("headers", &providers::HttpProbe::headers,
             "headers to send; one that is `$NAME` of a secret alone is put in"),
    optional("token", &providers::HttpProbe::token, "$NAME of a secret, sent as Bearer"),
    optional("user", &providers::HttpProbe::user, "user for Basic authorization"),
    optional("password", &providers::HttpProbe::password, "$NAME of a secret"),
    optional("json", &providers::HttpProbe::json,
             "path in the JSON answer (a.b.0.c, or . for all of it) to what `value` and `count` mean; without "
             "it `value` is the text of the answer"),
    optional("unit", &providers::HttpProbe::unit,
             "what `value` means: percent (75), share (0.75), ms, s, B, MB, /s …; without one it is a bare "
             "number"),
    optional("redirects", &providers::HttpProbe::redirects,
             "how many may be followed; without it a redirect is the answer. Never from https to http"),
    optional("packed", &providers::HttpProbe::packed, "asks for gzip, and unpacks it"),
    optional("ca", &providers::HttpProbe::ca, "file of certificates to trust instead of the system's"),
    optional("certificate", &providers::HttpProbe::certificate,
             "file (PEM) with which Davy shows who it is, beside `key`"),
    optional("key", &providers::HttpProbe::key, "file (PEM) of its key, not encrypted"),
    optional("keep", &providers::HttpProbe::keep,
             "names, and the path in the JSON answer (or header.NAME) of what each keeps for `then`"),
    optional("then", &providers::HttpProbe::then,
             "requests that come after this one, each as this is; `${NAME}` in their addresses, headers and "
             "`post` is what was kept. The last answer is what is looked at, the others are 2xx")};

}  // namespace davy::spec
