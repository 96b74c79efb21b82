#include "providers/probe/net/http_chain.h"

#include <fmt/format.h>

#include "base/text.h"
#include "ports/secret_text.h"
#include "signals/metrics/readout.h"

namespace davy::providers {
namespace {

constexpr std::size_t kLongestKept = 16 * 1024;

// In one pass: what was kept names nothing itself. asks: the text became the name of a secret.
std::string filled(const std::string& text, const Kept& kept, bool in_url, bool& asks) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    auto begin = std::min(text.find("${", at), text.size());
    out += text.substr(at, begin - at);
    auto end = text.find('}', begin);
    if (begin == text.size() || end == text.npos) {
      out += text.substr(begin);
      break;
    }
    auto value = kept.find(text.substr(begin + 2, end - begin - 2));
    if (value == kept.end())
      out += "${", at = begin + 2;
    else
      out += in_url ? percent_encoded(value->second) : value->second, at = end + 1;
  }
  asks |= out != text && ports::secret_in(out);
  return out;
}

spec::Value filled(spec::Value v, const Kept& kept, bool& asks) {
  if (auto list = std::get_if<spec::List>(&v.is))
    for (auto& item : *list) item = filled(std::move(item), kept, asks);
  if (auto map = std::get_if<spec::Map>(&v.is))
    for (auto& entry : *map) entry.value = filled(std::move(entry.value), kept, asks);
  if (v.text()) v.is = filled(*v.text(), kept, false, asks);
  return v;
}

constexpr std::string_view kHeader = "header.";

Result<std::string> found_in(const ports::HttpAnswer& answer, const std::string& where) {
  if (where.starts_with(kHeader)) {
    auto header = answer.headers.find(where.substr(kHeader.size()));
    if (header == answer.headers.end()) return fail(Code::invalid, "the answer has no " + where);
    return header->second;
  }
  auto json = spec::parse_json(answer.body);
  if (!json) return fail(Code::invalid, "the answer is no JSON, of which `" + where + "` is to be kept");
  auto at = signals::at_path(*json, where);
  if (!at || at->is_structured() || at->is_null())
    return fail(Code::invalid, "the answer has no text or number at `" + where + "`");
  return at->is_string() ? at->get<std::string>() : spec::dump(*at);
}

}  // namespace

Result<HttpProbe> with_kept(HttpProbe o, const Kept& kept) {
  bool asks = false;
  o.url = filled(o.url, kept, true, asks);
  for (auto& [name, value] : o.headers) value = filled(value, kept, false, asks);
  if (o.post) o.post = filled(*std::move(o.post), kept, asks);
  if (asks) return fail(Code::invalid, "what was kept of an answer looks like the name of a secret");
  return o;
}

Result<> keep(const HttpProbe& o, const ports::HttpAnswer& answer, Kept& kept) {
  for (auto& [name, where] : o.keep) {
    auto found = found_in(answer, where);
    if (!found) return std::unexpected(found.error());
    if (*found == "." || *found == "..")
      return fail(Code::invalid, "`" + where + "` is no part of a path, but a way out");
    if (found->size() > kLongestKept) return fail(Code::invalid, "`" + where + "` is too long to be kept");
    kept[name] = *std::move(found);
  }
  return {};
}

Result<std::vector<HttpProbe>> chain_of(const HttpProbe& first) {
  std::vector<HttpProbe> out{first};
  for (auto& next : first.then) {
    auto one = spec::decoded<HttpProbe>(next, "then");
    if (!one) return std::unexpected(one.error());
    out.push_back(*std::move(one));
  }
  return out;
}

}  // namespace davy::providers
