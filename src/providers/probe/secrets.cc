#include "providers/probe/secrets.h"

#include <fmt/format.h>

#include "base/text.h"

namespace davy::providers {
namespace {

constexpr std::string_view kAll = "all";

Result<std::vector<std::string>> meant(const SecretsProbe& o, const ports::Asking& who) {
  std::vector<std::string> out;
  if (o.names.size() == 1 && o.names[0] == kAll) {
    for (auto& [name, ref] : who.secrets) out.push_back(name);
    return out;
  }
  for (auto& name : o.names)
    if (!who.secrets.contains(name))
      return fail(Code::invalid, "the plan has no secret `" + printable(name) + "`", "its name under `secrets:`");
  return o.names;
}

}  // namespace

bool fit_together(const SecretsProbe& o, const spec::Value& v, spec::Diagnostics& d) {
  if (!o.names.empty()) return true;
  return d.add(v.mark, "no secret", "names of secrets, or [all]"), false;
}

ports::Observation observed(const std::vector<std::pair<std::string, ports::SecretState>>& all) {
  std::vector<std::string> wrong;
  std::map<std::string, double> count{{"missing", 0}, {"empty", 0}, {"default", 0}};
  for (auto& [name, state] : all) {
    auto what = !state.set ? "missing" : state.empty ? "empty" : state.among ? "default" : "";
    if (!*what) continue;
    ++count[what];
    wrong.push_back(!state.set    ? name + " is not set"
                    : state.empty ? name + " is empty"
                                  : name + " has a default value");
  }
  ports::Observation out{.ok = wrong.empty(), .unwell = {"value"}, .numbers = count};
  out.numbers["count"] = static_cast<double>(all.size());
  out.says = wrong.empty() ? fmt::format("{} {} set", all.size(), all.size() == 1 ? "secret is" : "secrets are")
                           : joined(wrong, "; ");
  out.words["value"] = wrong.empty() ? "set" : "unset";
  return out;
}

ports::Task<ports::Observation> perform(SecretsProbe o, ports::Outside& out, ports::Asking who) {
  if (!out.secrets) co_return fail(Code::unavailable, "nobody can look at secrets here");
  auto names = meant(o, who);
  if (!names) co_return std::unexpected(names.error());
  std::vector<std::pair<std::string, ports::SecretState>> all;
  for (auto& name : *names) {
    auto state = out.secrets->look(SecretRef{name}, o.lacks);
    if (!state) co_return std::unexpected(state.error());
    all.emplace_back(name, *state);
  }
  co_return observed(all);
}

void add_secrets_probe(ports::Registry& r) {
  using spec::Unit;
  r.probe<SecretsProbe>("secrets", "Looks whether secrets are set, and none has a value that was left in.",
                        "{ secrets: [JWT_SECRET, STRIPE_API_KEY], lacks: [changeme, secret] }", perform,
                        {{"value", spec::kWord, "set, or unset where anything is wrong with any of them"},
                         {"count", Unit::none, "secrets that were looked at"},
                         {"missing", Unit::none, "of them, how many are not set"},
                         {"empty", Unit::none, "how many are empty, or blanks"},
                         {"default", Unit::none, "how many have a value of `lacks`"}});
}

}  // namespace davy::providers
