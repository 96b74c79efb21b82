#include "judge/bake/baked.h"

#include <fmt/format.h>

#include <algorithm>

#include "judge/beside.h"

namespace davy::judge {

void Bursts::see(std::uint64_t errors, Duration length) {
  errors_ += static_cast<double>(errors), length_ += length;
  if (length_ < Blocks::kLength) return;
  unevenness_.see(errors_, errors_);
  errors_ = 0, length_ = {};
}

Baked::Baked(Setup given, std::vector<spec::Condition> asked) : setup(std::move(given)), pass(std::move(asked)) {
  for (auto& subject : setup.subjects)
    if (setup.kayenta && !subject.previous.none())
      if (auto begun = KayentaWatch::begin(*setup.kayenta)) kayenta.emplace_back(subject, *std::move(begun));
}

bool Baked::blind(const Window& w) const {
  return std::ranges::any_of(pass, [&](auto& c) { return w.away.contains(c.series); });
}

bool Baked::stands_aside(const Window& w) const {
  return std::ranges::any_of(setup.subjects, [&](auto& one) { return w.stands_aside(one.candidate.id); });
}

// Whether the candidate has the users that it was given; while it does not, its bake stands still. Where it had none
// at all that shows a little late, so what was counted meanwhile is taken off.
bool Baked::compare(const Window& w) {
  bool as_asked = true;
  if (began == Time{}) began = w.from;
  for (auto& subject : setup.subjects) {
    if (subject.previous.none()) continue;
    auto of = [&](const std::string& id) { return w.releases.contains(id) ? w.releases.at(id) : Tally{}; };
    auto own = of(subject.candidate.id), other = of(subject.previous.id);
    auto& side = beside[subject.candidate.id];
    auto asked = w.asked.find(subject.candidate.id);
    auto share = asked == w.asked.end() ? std::nullopt : std::optional(asked->second);
    side.shares.see(trouble_of(own), trouble_of(other), share, w.from, w.to);
    if (auto both = since(side.shares.fell().value_or(began), w, subject)) {
      side.errors.see(trouble_of(both->first), trouble_of(both->second), w.length());
      side.client_errors.see(client_errors_of(both->first), client_errors_of(both->second), w.length());
    }
    side.bursts.see(own.trouble(), w.length());
    bool away = side.absence.see(own.attempts(), other.attempts(), share, w.length());
    observed -= std::min(observed, side.absence.take_stretch());
    as_asked = as_asked && !away && !side.shares.off();
  }
  return as_asked;
}

// What it answers while its users are away is of when it had them: what hung ends then.
void Baked::take_what_ends(const Window& w) {
  for (auto& subject : setup.subjects)
    if (auto own = w.releases.find(subject.candidate.id); own != w.releases.end() && w.stands_aside(own->first))
      all.releases[own->first].merge(own->second);
}

void Baked::see(const Window& w) {
  if (!w.complete || blind(w)) return;  // nobody watched, or not all of it: it is not baked
  if (stands_aside(w)) return take_what_ends(w);
  if (!compare(w)) return;
  observed += w.length();
  all.to = w.to;
  for (auto& [subject, watch] : kayenta) watch.see(w, subject);
  for (auto& [release, tally] : w.releases) all.releases[release].merge(tally);
  for (auto& [series, values] : w.numbers)
    for (auto& [release, value] : values) gauges[{series, release}].see(value);
  for (auto& [series, values] : w.states)
    for (auto& [release, word] : values) words[{series, release}].insert(word);
  for (auto& [series, values] : w.counts)
    for (auto& [release, n] : values) counts[{series, release}] += n;
}

const Tally* Baked::tally(const std::string& release) const {
  auto found = all.releases.find(release);
  if (found == all.releases.end()) found = all.releases.find("");
  return found == all.releases.end() ? nullptr : &found->second;
}
// Traffic that a signal of its own tells.
const Tally* Baked::tally(const OfSignal& of, const std::string& release) const {
  auto found = all.releases.find(of_signal(of.signal, release));
  if (found == all.releases.end()) found = all.releases.find(of_signal(of.signal, ""));
  return found == all.releases.end() ? nullptr : &found->second;
}
const Baked::Side* Baked::side_of(const run::Subject& s) const {
  auto found = beside.find(s.candidate.id);
  return found == beside.end() ? nullptr : &found->second;
}

Reading Baked::traffic(const spec::Condition& c, const Tally* t) const {
  Reading out{.lacking = t ? untold(c, *t) : "", .requests = t ? t->attempts() : 0};
  if (!out.lacking.empty()) return out;
  if (out.requests < least().requests)
    out.lacking = fmt::format("{} of {} requests", out.requests, least().requests);
  else
    out.number = traffic_number(c, *t, observed);
  return out;
}

}  // namespace davy::judge
