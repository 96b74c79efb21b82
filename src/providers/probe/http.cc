#include "providers/probe/http.h"

#include <fmt/format.h>

#include "base/text.h"
#include "providers/signal/options.h"
#include "signals/metrics/readout.h"

namespace davy::providers {
namespace {

using spec::Json;

void add_value(ports::Observation& o, const Json& value, const spec::Measure& unit) {
  if (value.is_structured()) o.numbers["count"] = static_cast<double>(value.size());
  if (value.is_number()) o.numbers["value"] = *spec::in_base({value.get<double>()}, unit);
  o.words["value"] = value.is_string() ? value.get<std::string>() : spec::dump(value);
}

void look_inside(ports::Observation& o, const HttpProbe& asked, std::string_view body) {
  auto& path = asked.json;
  auto json = spec::parse_json(body);
  auto value = json ? signals::at_path(*json, path) : nullptr;
  if (value) return add_value(o, *value, asked.unit);
  o.ok = false;
  o.says += json ? fmt::format(", but no `{}` in the answer", path) : ", but the answer is not JSON";
}

// A page of one word or number: a file with the version, say.
void take_as_text(ports::Observation& o, std::string_view body, const spec::Measure& unit) {
  auto text = std::string(trimmed(body));
  if (auto found = signals::quantity(text))
    if (auto number = spec::in_base(*found, unit)) o.numbers["value"] = *number;
  o.words["value"] = std::move(text);
}

}  // namespace

ports::HttpRequest request(const HttpProbe& o, Duration timeout) {
  ports::HttpRequest r{.method = o.method, .url = o.url, .headers = o.headers, .timeout = timeout};
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
  o.json.empty() ? take_as_text(out, a.body, o.unit) : look_inside(out, o, a.body);
  out.evidence = spec::object({{"url", {}, spec::text(o.url)},
                               {"status", {}, spec::number(a.status)},
                               {"body", {}, spec::text(printable(a.body.substr(0, kExcerpt), true))}});
  return out;
}

ports::Task<ports::Observation> perform(HttpProbe o, ports::Outside& out, ports::Asking who) {
  if (auto auth = http_auth(o.token, o.user, o.password); !auth) co_return std::unexpected(auth.error());
  auto answer = co_await out.http.send(request(o, who.timeout));
  if (!answer) co_return std::unexpected(answer.error());
  co_return observed(o, *answer);
}

static std::optional<spec::Measured> measured(const HttpProbe& o, std::string_view name) {
  using spec::Unit;
  if (name == "value") return spec::Measured{o.unit.unit, true};
  return spec::among({{"status", Unit::none}, {"time", Unit::seconds}, {"size", Unit::bytes}, {"count", Unit::none}},
                     name);
}

static std::vector<std::string> finds(const HttpProbe& o) {
  std::vector<std::string> out{"size", "status", "time", "value"};
  if (!o.json.empty()) out.emplace_back("count");
  return out;
}

void add_http_probe(ports::Registry& r) {
  r.probe<HttpProbe>("http", "Asks a URL; well is any 2xx.",
                     "{ http: \"${url}/health\", json: status, expect: value is healthy }", perform, {"numbers"},
                     finds);
  r.measured<HttpProbe>("probe", "http", measured);
}

}  // namespace davy::providers
