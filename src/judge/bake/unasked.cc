#include "judge/bake/unasked.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "judge/say.h"
#include "judge/statistics/binomial.h"

namespace davy::judge {
namespace {

constexpr double kMayFail = 0.15;  // what twenty requests without an error rule out
constexpr double kLeftToChance = 0.05, kNoChance = 0.001;
constexpr double kTwice = 2, kThrice = 3;  // beside each other; against the minute before, which is another time
constexpr double kMostOfAll = 0.8;         // of its requests must have been compared

double real(std::uint64_t n) { return static_cast<double>(n); }

class Unasked {
 public:
  Unasked(const Baked& b, const run::Subject& s, const Tally& own)
      : b_(b), s_(s), own_(own), other_(b.all.releases.find(s.previous.id)), side_(b.side_of(s)) {}

  Told told() const {
    auto said = errors_said(own_.trouble(), own_.attempts()) + " over " + human(b_.observed);
    auto most = highest_rate(real(own_.trouble()), real(own_.attempts()), kLeftToChance);
    if (most > may_fail())
      return {Kind::cannot_tell,
              fmt::format("{}: up to {} may fail, which is no pass; ask for an error rate if it is one", said,
                          human(Ratio{most}))};
    for (auto& why : {given_up(), not_compared(), unexplained()})
      if (!why.empty()) return {Kind::cannot_tell, said + ": " + why};
    return {Kind::pass, said};
  }

 private:
  bool beside() const { return other_ != b_.all.releases.end() && side_ && side_->errors.compared() > 0; }

  // What a release may fail at most, since others beside it fail as well.
  double may_fail() const {
    if (s_.previous.none() || other_ == b_.all.releases.end() || other_->second.attempts() == 0) return kMayFail;
    return kMayFail + kTwice * real(other_->second.trouble()) / real(other_->second.attempts());
  }

  // The service in the minute before the candidate's first user.
  Tally before() const {
    Tally out;
    if (!b_.setup.baselines.before) return out;
    for (auto& [release, one] : b_.setup.baselines.before->releases)
      if (b_.setup.subjects.size() == 1 || release.starts_with(s_.service + "@")) out.merge(one);
    return out;
  }

  // A client that goes away is nobody's error, and one that waits for nothing goes away. Beside or before some do as
  // well; without either, the plan's own word is what there is.
  std::string given_up() const {
    auto usual = other_ != b_.all.releases.end() ? other_->second : Tally{};
    if (usual.requests < b_.least().requests) usual.merge(before());
    if (own_.aborts < b_.least().errors) return "";
    double rate = usual.requests == 0 ? 0 : highest_rate(real(usual.aborts), real(usual.requests), kLeftToChance);
    double most = highest_rate(real(own_.aborts), real(own_.requests), kLeftToChance);
    bool more = binomial_at_least(real(own_.aborts), real(own_.requests), std::min(1.0, rate * kThrice)) < kNoChance;
    if (!more || most <= kTwice * rate + kGaveUp) return "";
    return fmt::format("clients went away before {} of its answers came", own_.aborts);
  }

  // Of nearly no errors there is nothing to compare: the previous release may have gone in the middle.
  std::string not_compared() const {
    if (!beside() || own_.trouble() < b_.least().errors ||
        side_->errors.compared() >= kMostOfAll * side_->errors.seen())
      return "";
    return fmt::format("only {:.0f} of {:.0f} requests could be compared with {}", side_->errors.compared(),
                       side_->errors.seen(), s_.previous_name());
  }

  std::string unexplained() const {
    if (beside()) {
      if (side_->errors.chance_of_so_many(kTwice) >= kNoChance) return "";
      return fmt::format("that is more than chance makes of {} on {}",
                         errors_said_shortly(other_->second.trouble(), other_->second.attempts()), s_.previous_name());
    }
    auto usual = before();
    if (usual.attempts() < b_.least().requests || own_.trouble() < b_.least().errors) return "";
    double rate = highest_rate(real(usual.trouble()), real(usual.attempts()), kLeftToChance);
    double worth = own_.repeats > 0 || !side_ ? 1 : side_->bursts.deflation();
    double errors = std::floor(real(own_.trouble()) / worth), requests = std::ceil(real(own_.attempts()) / worth);
    bool so_before = binomial_at_least(errors, requests, std::min(rate * kThrice, 1.0)) >= kNoChance;
    return so_before ? "" : "that is far more than in the minute before its first user";
  }

  static constexpr double kGaveUp = 0.05;  // of its requests, more than twice as often as beside or before

  const Baked& b_;
  const run::Subject& s_;
  const Tally& own_;
  std::map<std::string, Tally>::const_iterator other_;
  const Baked::Side* side_;
};

}  // namespace

Told errors_unasked(const Baked& b, const run::Subject& s) {
  auto own = b.tally(s.candidate.id);
  auto requests = own ? own->attempts() : 0;
  if (requests == 0) return {Kind::cannot_tell, "no request came in " + human(b.observed)};
  if (auto lacking = untold(*own); !lacking.empty()) return {Kind::cannot_tell, lacking};
  if (requests < b.setup.least_requests)
    return {Kind::cannot_tell, fmt::format("only {} of {} requests came", requests, b.setup.least_requests)};
  return Unasked(b, s, *own).told();
}

}  // namespace davy::judge
