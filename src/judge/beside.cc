#include "judge/beside.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "judge/say.h"

namespace davy::judge {
namespace {

using namespace std::chrono_literals;
using spec::Operator;

constexpr Duration kUnmeasured = 1s;      // what took less has no age (window.h)
constexpr double kSurelyTheRelease = 10;  // clients unknown: bursts do not make so large a ratio

bool asks_for_more(const spec::Condition& c) { return c.op == Operator::greater || c.op == Operator::greater_equal; }

// What is counted of the traffic for a relative condition; null: nothing that a test of counts could prove.
Count (*counted(const spec::Condition& c))(const Tally&) {
  if (c.series == "error_rate" || c.series == "errors") return trouble_of;
  if (c.series == "client_error_rate" || c.series == "client_errors") return client_errors_of;
  if (c.series == "abort_rate" || c.series == "aborts") return aborts_of;
  return nullptr;
}

// Of strangers a burst of one of them is like many.
bool is_sure(const ErrorTest& test) {
  return !test.counts().of_strangers() || test.ratio_surely() >= kSurelyTheRelease;
}

bool is_threshold(const spec::Condition& c) { return !c.relative() && may_be_beside(c) && asks_for_more(c); }

bool provable(const spec::Condition& c) {
  if (!c.relative() || !may_be_beside(c) || !asks_for_more(c)) return false;
  auto q = c.series == "latency" ? quantile_of_field(c.field) : std::nullopt;
  return counted(c) || (q && *q < 1);
}

// The quarter that is left is shared by what the plan compares, together, and each relative rule.
double alpha_of_others(const Setup& s) {
  auto rules = std::ranges::count_if(s.rules, [](auto& rule) { return provable(rule.when); });
  return alpha_of(s).others / static_cast<double>(std::max<std::ptrdiff_t>(rules + !s.compare.empty(), 1));
}

Tally of(const Window& w, const std::string& id) {
  auto found = w.releases.find(id);
  return found == w.releases.end() ? Tally{} : found->second;
}

// Of the minute before the candidate's first user.
Count before_of(const Setup& s, const run::Subject& subject) {
  return s.baselines.before ? trouble_of(of(*s.baselines.before, subject.previous.id)) : Count{};
}

std::optional<double> asked_of(const Window& w, const run::Subject& s) {
  auto own = w.asked.find(s.candidate.id);
  return own == w.asked.end() ? std::nullopt : std::optional(own->second);
}

}  // namespace

// Three quarters for the first judge of a run, the rest for those after a hold, a step back or another attempt: the
// k-th gets 1/(k(k−1)) of it, so that all together get no more.
Alpha alpha_of(const Setup& s) {
  constexpr double kFirst = 0.75;
  double nth = std::max(s.nth, 1), part = nth == 1 ? kFirst : (1 - kFirst) / (nth * (nth - 1));
  double all = s.alpha * part / static_cast<double>(std::max<std::size_t>(s.subjects.size(), 1));
  return {.errors = all / 2, .alone = all / 20, .client_errors = all * 3 / 20, .aborts = all / 20, .others = all / 4};
}

std::optional<std::pair<Tally, Tally>> since(std::optional<Time> change, const Window& w, const run::Subject& s) {
  std::pair out{of(w, s.candidate.id), of(w, s.previous.id)};
  if (!change) return out;
  auto age = w.from - *change;
  if (age < kUnmeasured) return {};
  if (age >= std::chrono::seconds(1 << Tally::kMostAges)) return out;
  auto all = out.first.requests + out.second.requests;
  out.first = out.first.younger_than(age), out.second = out.second.younger_than(age);
  if (out.first.requests + out.second.requests < all) out.first.endpoints.clear(), out.second.endpoints.clear();
  return out;
}

// A threshold asks whether the candidate is worse at all, by however little: the threshold itself says how much
// matters.
Beside::Proof Beside::proof_of(const spec::Condition& c, const Alpha& alphas, double alpha) {
  if (is_threshold(c) && counted(c) == trouble_of) return CountTest(alphas.errors);
  if (!provable(c)) return {};
  double ratio = std::max(c.value.value, 1.0);
  if (counted(c)) return ErrorTest({.alpha = alpha, .worse_by = ratio - 1});
  return QuantileTest(alpha, {*quantile_of_field(c.field)}, ratio);
}

Beside::Beside(const Setup& setup, const run::Subject& subject)
    : subject_(subject),
      least_added_(setup.least_added),
      errors_({.alpha = alpha_of(setup).errors, .worse_by = setup.worse_by}),
      client_errors_({.alpha = alpha_of(setup).client_errors,
                      .sided = Sided::either_worse,
                      .worse_by = setup.worse_by,
                      .strikes = false}),
      aborts_(alpha_of(setup).aborts, Sided::candidate_worse, 1),
      alone_(alpha_of(setup).alone, before_of(setup, subject)) {
  auto others = alpha_of_others(setup);
  if (!setup.compare.empty()) compared_.emplace(setup.compare, others);
  if (setup.planned_looks) planned_.emplace(*setup.planned_looks);
  if (setup.kayenta)
    if (auto begun = KayentaWatch::begin(*setup.kayenta)) kayenta_ = *std::move(begun);
  for (auto& rule : setup.rules)
    conditions_.push_back(rule.when), proofs_.push_back(proof_of(rule.when, alpha_of(setup), others));
}

void Beside::drop_pending() {
  errors_.drop_pending(), client_errors_.drop_pending(), aborts_.drop_pending();
  if (compared_) compared_->drop_pending();
  for (auto& proof : proofs_) {
    if (auto errors = std::get_if<ErrorTest>(&proof)) errors->drop_pending();
    if (auto latency = std::get_if<QuantileTest>(&proof)) latency->drop_pending();
    if (auto counts = std::get_if<CountTest>(&proof)) counts->drop_pending();
  }
}

void Beside::count(const Window& w, const Tally& own, const Tally& other, bool warm) {
  errors_.see(trouble_of(own), trouble_of(other), w.length());
  alone_.see(trouble_of(own), trouble_of(other), asked_of(w, subject_), w.length());
  auto failed = [clients = errors_.counts().by_client()](const Count& c) { return clients ? c.clients : c.errors; };
  moments_.see(failed(trouble_of(own)), own.attempts(), failed(trouble_of(other)), other.attempts(), w.length());
  if (warm) client_errors_.see(client_errors_of(own), client_errors_of(other), w.length());
  if (warm) aborts_.see(aborts_of(own), aborts_of(other), w.length());
  for (std::size_t i = 0; i < proofs_.size(); ++i) {
    auto of = counted(conditions_[i]);
    if (auto errors = std::get_if<ErrorTest>(&proofs_[i]); errors && (warm || of == trouble_of))
      errors->see(of(own), of(other), w.length());
    if (auto counts = std::get_if<CountTest>(&proofs_[i])) counts->see(of(own), of(other), w.length());
    if (auto latency = std::get_if<QuantileTest>(&proofs_[i]); latency && warm) latency->see(own, other, w.length());
  }
}

// Lost lines are lost from both releases alike, so the tests of errors go on with what was seen.
void Beside::see(const Window& w, bool warm, const Stand& on, std::vector<Verdict>& out) {
  auto asked = asked_of(w, subject_);
  alone_now_ = asked && *asked >= 1;
  if (shares_.see(trouble_of(of(w, subject_.candidate.id)), trouble_of(of(w, subject_.previous.id)), asked, w.from,
                  w.to))
    drop_pending();
  auto both = since(shares_.fell(), w, subject_);
  if (both) count(w, both->first, both->second, warm);
  if (both && compared_ && warm && w.complete)
    for (auto& v : compared_->see(w, both->first, both->second, subject_)) out.push_back(std::move(v));
  if (auto v = both && planned_ ? planned_->see(w, both->first, both->second, subject_) : std::nullopt)
    out.push_back(*std::move(v));
  if (kayenta_ && kayenta_->see(w, subject_) && !kayenta_said_)
    if (auto v = kayenta_->verdict(subject_, false)) kayenta_said_ = true, out.push_back(*std::move(v));
  say_errors(on, out);
  say_alone(on, out);
  say_client_errors(on, out);
  say_aborts(on, out);
  say_moments(on, out);
  if (shares_.off() && !std::exchange(shares_off_said_, true))
    out.push_back(verdict_of_shares(shares_.realised(), *shares_.asked(), on));
}

// A verdict that waits for more is said again once it is more. While people make up their mind whether it is one
// client's doing the candidate has no users: it looked worse, and once more.
void Beside::say_errors(const Stand& on, std::vector<Verdict>& out) {
  if (errors_.struck()) out.push_back(verdict_of_strike(errors_, on));
  if (!errors_.decided() || errors_said_ == Kind::roll_back) return;
  bool sure = is_sure(errors_);
  bool matters = errors_.added_rate() >= least_added_;
  auto kind = sure && matters ? Kind::roll_back : Kind::hold;
  if (errors_said_ == kind) return;
  errors_said_ = kind;
  if (kind == Kind::hold && matters) out.push_back(verdict_of_strike(errors_, on));
  out.push_back(verdict_of_errors(errors_, kind, on));
}

// Where it is not surely the release, people look.
void Beside::say_alone(const Stand& on, std::vector<Verdict>& out) {
  if (alone_.struck()) out.push_back(verdict_of_strike(alone_, on));
  if (alone_.decided() && !std::exchange(alone_said_, true)) out.push_back(verdict_of_errors(alone_, on));
}

void Beside::say_client_errors(const Stand& on, std::vector<Verdict>& out) {
  if (!client_errors_.decided() || client_errors_said_) return;
  client_errors_said_ = client_errors_.counts().ratio() > 1 ? Kind::hold : Kind::keep_watching;
  out.push_back(verdict_of_client_errors(client_errors_, *client_errors_said_, on));
}

// A client that goes away is nobody's error, and one that is never answered goes away. It may go for reasons of its
// own, so there must be twice as many, and more than one of them makes that tries again and again.
void Beside::say_aborts(const Stand& on, std::vector<Verdict>& out) {
  constexpr double kMatters = 0.05;  // of its requests, more than of those beside it
  auto rate = [](const Count& c) {
    return c.requests == 0 ? 0 : static_cast<double>(c.errors) / static_cast<double>(c.requests);
  };
  bool matters = rate(aborts_.candidate()) - rate(aborts_.previous()) >= kMatters;
  if (aborts_said_ || !matters || aborts_.evidence() < aborts_.bound()) return;
  aborts_said_ = true;
  out.push_back(verdict_of_aborts(aborts_, on));
}

void Beside::say_moments(const Stand& on, std::vector<Verdict>& out) {
  if (moments_.too_many() && !std::exchange(moments_said_, true)) out.push_back(verdict_of_moments(moments_, on));
}

std::optional<bool> Beside::proven(std::size_t rule) const {
  auto& proof = proofs_[rule];
  if (auto errors = std::get_if<ErrorTest>(&proof)) return errors->decided() && is_sure(*errors);
  if (auto latency = std::get_if<QuantileTest>(&proof)) return latency->decided();
  return proven_at_all(conditions_[rule], proof);
}

// The threshold says how bad, its `for` how long, the test that it is no chance, now. A moment is no matter here.
std::optional<bool> Beside::proven_at_all(const spec::Condition& c, const Proof& proof) const {
  if (!is_threshold(c) || alone_now_) return {};
  auto of = counted(c);
  auto counts = std::get_if<CountTest>(&proof);
  if (counts && !counts->of_strangers()) return counts->evidence() >= counts->bound();
  if (of == trouble_of) return errors_.counts().evidence() >= errors_.bound() && is_sure(errors_);
  if (of == client_errors_of) return client_errors_.decided() && client_errors_.counts().ratio() > 1;
  return {};
}

std::string Beside::shares_said() const {
  if (!shares_.off()) return "";
  return fmt::format("{} of the requests come to {} where {} were asked for", human(Ratio{shares_.realised()}),
                     subject_.candidate_name(), human(Ratio{*shares_.asked()}));
}

}  // namespace davy::judge
