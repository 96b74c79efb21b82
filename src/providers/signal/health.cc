#include "providers/signal/health.h"

#include <fmt/format.h>

#include "base/text.h"

namespace davy::providers {
namespace {

constexpr std::size_t kLongestWord = 40;

class Health final : public SteadySource {
 public:
  Health(HealthSignal o, ports::Outside& out, Duration timeout)
      : SteadySource(out), o_(std::move(o)), timeout_(timeout) {}

 private:
  ports::Task<judge::Window> read(std::optional<Time>) override {
    ports::HttpRequest r{.url = o_.url, .headers = o_.headers, .timeout = timeout_};
    r.headers.try_emplace("Accept", "application/json, application/health+json, */*;q=0.1");
    r.auth = http_auth(o_.token, o_.user, o_.password).value_or(std::nullopt);
    auto answer = co_await out_.http.send(std::move(r));
    if (!answer) co_return std::unexpected(answer.error());
    co_return observed(o_, *answer);
  }

  HealthSignal o_;
  Duration timeout_;
};

// "OK", or by the status alone.
std::string word_of(const ports::HttpAnswer& a) {
  auto body = trimmed(a.body);
  bool word = !body.empty() && body.size() <= kLongestWord && body.find_first_of("<>\n{") == body.npos;
  return word ? printable(body) : a.status / 100 == 2 ? "up" : "down";
}

}  // namespace

Result<judge::Window> observed(const HealthSignal& o, const ports::HttpAnswer& a) {
  bool answers = a.status / 100 == 2 || a.status / 100 == 5 || a.status == 429;
  if (!answers)
    return fail(a.status == 401 || a.status == 403 ? Code::refused : Code::unavailable,
                fmt::format("{}{} answered {}", address_of(o.url), path_of(o.url), a.status));
  judge::Window out;
  auto json = spec::parse_json(a.body);
  auto report = json ? signals::health_report(*json) : signals::HealthReport{};
  for (auto& [name, word] : report.states) out.states[name][""] = word;
  for (auto& [name, number] : report.numbers)
    if (auto base = spec::in_base(number, o.unit.of(name)))
      out.numbers[name][""] = *base;
    else
      out.states[name][""] = spec::print(number);
  if (!report.states.contains("")) out.states[""][""] = json ? (a.status / 100 == 2 ? "up" : "down") : word_of(a);
  out.numbers["failing"][""] = static_cast<double>(report.failing);
  out.numbers["http_status"][""] = a.status;
  out.numbers["time"][""] = seconds(a.took);
  return out;
}

Result<std::unique_ptr<ports::Source>> health_source(HealthSignal o, ports::Outside& out, ports::Asking who) {
  if (auto auth = http_auth(o.token, o.user, o.password); !auth) return std::unexpected(auth.error());
  return std::make_unique<Health>(std::move(o), out, who.timeout);
}

void add_health_signal(ports::Registry& r) {
  using spec::Unit;
  r.source<HealthSignal>("health", "A health endpoint: its word, the words and numbers of its parts.",
                         "{ health: \"${url}/health\" }", health_source,
                         {{"", spec::kOwn, "its own word: healthy, UP, degraded …"},
                          {"time", Unit::seconds, "how long the answer took"},
                          {"failing", Unit::none, "parts that say that they are not well"},
                          {"http_status", Unit::none, "200, 503 and so on"},
                          {"*", spec::kOwn, "the words and numbers of its parts, by name"}});
}

}  // namespace davy::providers
