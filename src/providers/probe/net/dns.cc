#include "providers/probe/net/dns.h"

#include <fmt/format.h>

#include "base/text.h"

namespace davy::providers {

std::vector<ports::DnsQuestion> request(const DnsProbe& o, Duration timeout) {
  std::vector<ports::DnsType> types{ports::DnsType::a, ports::DnsType::aaaa};
  if (o.type) types = {*o.type};
  std::vector<ports::DnsQuestion> out;
  for (auto type : types)
    out.push_back(
        {.name = o.name, .type = type, .server = o.server, .timeout = timeout / static_cast<int>(types.size())});
  return out;
}

ports::Observation observed(const DnsProbe& o, const std::vector<ports::DnsAnswer>& answers) {
  std::vector<std::string> values;
  std::optional<Duration> lives;
  Duration took{};
  bool exists = false;
  for (auto& one : answers) {
    exists |= one.exists;
    took += one.took;
    values.insert(values.end(), one.values.begin(), one.values.end());
    if (one.lives) lives = std::min(lives.value_or(*one.lives), *one.lives);
  }
  ports::Observation out{.ok = !values.empty(),
                         .unwell = {exists ? "count" : "exists"},
                         .numbers = {{"count", static_cast<double>(values.size())}, {"time", seconds(took)}},
                         .words = {{"exists", exists ? "true" : "false"}, {"value", joined(values, ", ")}}};
  if (lives) out.numbers["ttl"] = seconds(*lives);
  out.says = !values.empty() ? o.name + " is " + out.words["value"]
             : exists        ? o.name + " has no such record"
                             : o.name + " does not exist";
  return out;
}

ports::Task<ports::Observation> perform(DnsProbe o, ports::Outside& out, ports::Asking who) {
  if (!out.names) co_return fail(Code::unavailable, "nobody here can ask the DNS");
  std::vector<ports::DnsAnswer> answers;
  for (auto& question : request(o, who.timeout)) {
    auto answer = co_await out.names->ask(question);
    if (!answer) co_return std::unexpected(answer.error());
    answers.push_back(*std::move(answer));
  }
  co_return observed(o, answers);
}

void add_dns_probe(ports::Registry& r) {
  using spec::Unit;
  r.probe<DnsProbe>("dns", "Asks the DNS for a name; well is at least one record.",
                    "{ dns: shop.example.com, type: MX, expect: value contains mx1 }", perform,
                    {{"value", spec::kWord, "all records, sorted: `192.0.2.1, 192.0.2.2`; `10 mx1.example.com`"},
                     {"count", Unit::none, "how many there are"},
                     {"exists", spec::kWord, "true, or false where there is no such name"},
                     {"ttl", Unit::seconds, "the shortest time that one of them may be kept"},
                     {"time", Unit::seconds, "how long the answer took"}});
}

}  // namespace davy::providers
