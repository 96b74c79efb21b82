// Kinds of options that several signals share.
#pragma once
#include "ports/net.h"
#include "spec/fields.h"

namespace davy::providers {

struct OneOrMore {
  std::vector<std::string> all;
  bool operator==(const OneOrMore&) const = default;
};

// `token: $NAME`, or `user:` and `password: $NAME`. Code::invalid where a value stands in the plan instead of a name.
Result<std::optional<ports::HttpAuth>> http_auth(const std::string& token, const std::string& user,
                                                 const std::string& password);

// host:port of a URL, without what only its owner may know.
std::string address_of(std::string_view url);
std::string path_of(std::string_view url);

}  // namespace davy::providers

namespace davy::spec {

template <>
struct Codec<providers::OneOrMore> {
  static bool decode(const Value& v, providers::OneOrMore& out, Diagnostics& d) {
    if (v.list() && !v.list()->empty()) return spec::decode(v, out.all, d);
    return spec::decode(v, out.all.emplace_back(), d);
  }
  static Json encode(const providers::OneOrMore& o) {
    return o.all.size() == 1 ? Json(o.all.front()) : spec::encode(o.all);
  }
  static Json schema() {
    return {{"anyOf", Json::array({spec::schema<std::string>(), spec::schema<std::vector<std::string>>()})}};
  }
};

}  // namespace davy::spec
