#include "providers/probe/net/http.h"

#include <fmt/format.h>

#include "base/text.h"
#include "providers/probe/json_value.h"
#include "providers/probe/net/http_chain.h"
#include "providers/signal/options.h"

namespace davy::providers {

bool fit_together(const HttpProbe& o, const spec::Value& v, spec::Diagnostics& d) {
  constexpr std::int32_t kMostRedirects = 20;
  constexpr std::size_t kMostRequests = 20;
  bool pair = o.certificate.empty() == o.key.empty();
  if (!pair) d.add(v.mark, "one of `certificate` and `key`", "both: a certificate without its key proves nothing");
  for (auto& next : o.then) {
    HttpProbe one;
    if (!spec::decode(next, one, d) || !fit_together(one, next, d)) return false;
    if (!one.then.empty())
      return d.add(next.mark, "`then` within `then`", "one list, in the order of the requests"), false;
  }
  if (o.then.size() > kMostRequests)
    return d.add(v.find("then")->mark, fmt::format("{} requests", o.then.size()), "at most 20"), false;
  bool few = o.redirects >= 0 && o.redirects <= kMostRedirects;
  if (!few) d.add(v.find("redirects")->mark, fmt::format("{} redirects", o.redirects), "0 to 20");
  return pair && few;
}

ports::HttpRequest request(const HttpProbe& o, Duration timeout) {
  ports::HttpRequest r{.method = o.method, .url = o.url, .headers = o.headers, .timeout = timeout};
  r.ca = o.ca, r.certificate = o.certificate, r.key = o.key;
  r.redirects = o.redirects, r.packed = o.packed;
  r.auth = http_auth(o.token, o.user, o.password).value_or(std::nullopt);
  if (r.method.empty()) r.method = o.post ? "POST" : "GET";
  if (!o.post) return r;
  r.body = o.post->text() ? *o.post->text() : spec::dump(spec::to_json(*o.post));
  if (!o.post->text()) r.headers.try_emplace("Content-Type", "application/json");
  return r;
}

ports::Observation observed(const HttpProbe& o, const ports::HttpAnswer& a) {
  constexpr std::size_t kExcerpt = 2000;
  ports::Observation out{
      .ok = a.status / 100 == 2,
      .says = fmt::format("{} in {}", a.status, human(a.took)),
      .numbers = {{"status", a.status}, {"time", seconds(a.took)}, {"size", static_cast<double>(a.body.size())}}};
  for (auto [name, length] : {std::pair{"lookup", a.times.name},
                              {"connect", a.times.connect},
                              {"handshake", a.times.tls},
                              {"first_byte", a.times.first_byte}})
    out.numbers[name] = seconds(length);
  if (!a.version.empty()) out.words["version"] = a.version;
  if (!out.ok) out.unwell.emplace_back("status");
  o.json.empty() ? take_as_text(out, a.body, o.unit) : look_inside(out, a.body, o.json, o.unit, "the answer");
  for (auto& [name, value] : a.headers) out.words["header." + name] = value;
  out.evidence = spec::object({{"url", {}, spec::text(o.url)},
                               {"status", {}, spec::number(a.status)},
                               {"body", {}, spec::text(printable(a.body.substr(0, kExcerpt), true))}});
  return out;
}

static ports::HttpRequest asked(const HttpProbe& o, const ports::Asking& who) {
  auto out = request(o, who.timeout);
  for (auto& [name, ref] : who.secrets) out.secrets.insert(name);
  out.secrets_in_body = o.post && !o.post->text();
  return out;
}

static spec::Value with_url(spec::Value evidence, const std::string& url) {
  for (auto& entry : std::get<spec::Map>(evidence.is))
    if (entry.key == "url") entry.value = spec::text(url);
  return evidence;
}

// All but the last request, each of which must be well; what they kept. Not well: the observation of the one that is
// not.
static ports::Task<std::optional<ports::Observation>> lead_in(std::vector<HttpProbe>& chain, ports::Outside& out,
                                                              ports::Asking who) {
  Kept kept;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    auto one = with_kept(chain[i], kept);
    if (!one) co_return std::unexpected(one.error());
    chain[i] = *std::move(one);
    if (i + 1 == chain.size()) break;
    auto answer = co_await out.http.send(asked(chain[i], who));
    if (!answer) co_return std::unexpected(answer.error());
    auto seen = observed(chain[i], *answer);
    auto kept_all = seen.ok ? keep(chain[i], *answer, kept) : Result<>();
    if (!kept_all) seen.ok = false, seen.unwell.emplace_back("value"), seen.says += ", but " + kept_all.error().message;
    if (seen.ok) continue;
    seen.says = fmt::format("request {} of {}: {}", i + 1, chain.size(), seen.says);
    seen.evidence = {};  // may show what was to be kept
    co_return seen;
  }
  co_return std::optional<ports::Observation>();
}

static Result<> may_log_in(const HttpProbe& o, const ports::Asking& who) {
  auto auth = http_auth(o.token, o.user, o.password);
  if (!auth) return std::unexpected(auth.error());
  if (!*auth || who.secrets.contains((*auth)->secret.name)) return {};
  return fail(Code::invalid, "the secret " + (*auth)->secret.name + " is not handed to this check",
              "its name under `secrets` beside it, or no `secrets` there");
}

ports::Task<ports::Observation> perform(HttpProbe first, ports::Outside& out, ports::Asking who) {
  auto chain = chain_of(first);
  if (!chain) co_return std::unexpected(chain.error());
  for (auto& one : *chain)
    if (auto may = may_log_in(one, who); !may) co_return std::unexpected(may.error());
  auto shown = chain->back().url;  // as the plan has it: what is kept may be a login's token
  auto stopped = co_await lead_in(*chain, out, who);
  if (!stopped) co_return std::unexpected(stopped.error());
  if (*stopped) co_return **stopped;
  auto& o = chain->back();
  auto answer = co_await out.http.send(asked(o, who));
  if (!answer) co_return std::unexpected(answer.error());
  auto seen = observed(o, *answer);
  if (chain->size() > 1) seen.evidence = with_url(std::move(seen.evidence), shown);
  seen.numbers["first"] = seconds(answer->took);
  if (!who.wants.contains("second") || !seen.ok) co_return seen;
  auto again = co_await out.http.send(asked(o, who));
  if (!again) co_return std::unexpected(again.error());
  if (again->status / 100 != 2) co_return observed(o, *again);
  seen.numbers["second"] = seconds(again->took);
  seen.says += ", then in " + human(again->took);
  co_return seen;
}

// What is posted twice is done twice.
static bool only_reads(const HttpProbe& o) {
  return o.then.empty() && !o.post && (o.method.empty() || o.method == "GET" || o.method == "HEAD");
}

// Of the last answer.
static std::string json_of(const HttpProbe& o) {
  if (o.then.empty()) return o.json;
  auto path = o.then.back().find("json");
  return path && path->text() ? *path->text() : "";
}

// Without a path into it an answer is one text.
static void fit(const HttpProbe& o, spec::Findings& finds) {
  std::erase_if(finds.all, [&](auto& one) {
    return (one.name == "count" && json_of(o).empty()) || (one.name == "second" && !only_reads(o));
  });
}

void add_http_probe(ports::Registry& r) {
  using spec::Unit;
  r.probe<HttpProbe>("http", "Asks a URL; well is any 2xx.",
                     "{ http: \"${url}/health\", json: status, expect: value is healthy }", perform,
                     {{"value", spec::kOwn, "what stands at `json`, else the text of the answer"},
                      {"count", Unit::none, "how many there are at `json`, where that is a list or a map"},
                      {"status", Unit::none, "200, 404 and so on"},
                      {"time", Unit::seconds, "from the beginning to the end of the answer"},
                      {"first", Unit::seconds, "the same, where `second` is expected too"},
                      {"second", Unit::seconds, "of the same question asked again: from a cache it is faster"},
                      {"lookup", Unit::seconds, "until the name was known"},
                      {"connect", Unit::seconds, "until the server had accepted, from there on"},
                      {"handshake", Unit::seconds, "of TLS; 0s without"},
                      {"first_byte", Unit::seconds, "from the question to the beginning of its answer"},
                      {"version", spec::kWord, "of HTTP: 1.1 or 2"},
                      {"size", Unit::bytes, "of the answer's body, unpacked"},
                      {"header.*", spec::kWord, "a header of the answer, in small letters: `header.cache-control`"}},
                     fit);
}

}  // namespace davy::providers
