#include "notices/silence.h"

#include <algorithm>

namespace davy::notices {
namespace {

struct Matcher {
  std::string_view name, value;
  bool equal = true, regex = false;
};

std::optional<Matcher> matcher_of(std::string_view text) {
  auto at = text.find_first_of("=!");
  if (at == text.npos || at == 0 || at + 1 >= text.size()) return {};
  Matcher out{.name = text.substr(0, at), .equal = text[at] == '='};
  auto rest = text.substr(at + 1);
  out.regex = rest.front() == '~';
  if (!out.equal && !out.regex && rest.front() != '=') return {};
  out.value = rest.substr(out.equal && !out.regex ? 0 : 1);
  return out;
}

}  // namespace

bool is_matcher(std::string_view text) { return matcher_of(text).has_value(); }

bool wants_silence(const run::State& s) {
  if (s.ended || s.mode == run::Mode::held || s.steps.empty()) return false;
  return std::ranges::none_of(s.open, [&](auto& a) { return s.step(a.step).call.of_person(); });
}

// Half a lease before its end is soon enough: one that cannot be told is tried again until then.
std::optional<Time> due(const Lease& lease, bool wanted, bool over, Time now) {
  bool held = !lease.id.empty() && now < lease.until;
  if (over) return held && lease.until > now + kTail ? std::optional(now + kTail) : std::nullopt;
  bool too_long = held && now - lease.since >= kLongestSilence;
  if (!wanted || too_long || (held && lease.until - now > kLease / 2)) return {};
  return now + kLease;
}

std::string silence_body(const Silence& what, const Lease& lease, Time until, const std::string& comment) {
  auto matchers = spec::Json::array();
  for (auto& text : what.matchers)
    if (auto one = matcher_of(text))
      matchers.push_back(
          {{"name", one->name}, {"value", one->value}, {"isEqual", one->equal}, {"isRegex", one->regex}});
  spec::Json out{{"matchers", std::move(matchers)},
                 {"startsAt", timestamp(lease.since)},
                 {"endsAt", timestamp(until)},
                 {"createdBy", "davy"},
                 {"comment", comment}};
  if (!lease.id.empty()) out["id"] = lease.id;
  return spec::dump(out);
}

}  // namespace davy::notices
