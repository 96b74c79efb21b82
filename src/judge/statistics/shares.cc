#include "judge/statistics/shares.h"

#include <array>
#include <chrono>
#include <cmath>
#include <utility>

namespace davy::judge {
namespace {

using namespace std::chrono_literals;

constexpr std::array kRatios{1.25, 2.0, 5.0, 25.0, 1 / 1.25, 1 / 2.0, 1 / 5.0, 1 / 25.0};
constexpr double kNoNews = 1.2, kBound = 1000;
constexpr Duration kSettle = 10s, kLeast = 1min;
constexpr double kMinute = 60;

double real(std::uint64_t n) { return static_cast<double>(n); }

}  // namespace

Shares::Shares() : test_(kRatios, kNoNews, Measured::bursts) {}

bool Shares::see(const Count& candidate, const Count& previous, std::optional<double> asked, Time from, Time to) {
  bool told = asked.has_value();
  bool changed = told ? asked_ != asked : stepped(candidate, previous, from, to);
  if (changed) {
    bool less = told ? asked_ && *asked < *asked_ : stretch_own_ * usual_all_ < usual_own_ * stretch_all_;
    if (less) fell_ = told ? from : stretch_from_;
    usual_own_ = std::exchange(stretch_own_, 0), usual_all_ = std::exchange(stretch_all_, 0);
    test_ = Blocks(kRatios, kNoNews, Measured::bursts);
    since_change_ = {}, own_ = all_ = 0, proven_ = false;
  }
  asked_ = asked;
  double keep = std::exp(-seconds(to - from) / kMinute);
  own_ = own_ * keep + real(candidate.requests);
  all_ = all_ * keep + real(candidate.requests + previous.requests);
  since_change_ += to - from;
  if (candidate.requests + previous.requests > 0) crowd_.see(candidate, previous, to - from);
  if (!told || since_change_ <= kSettle || *asked <= 0 || *asked >= 1) return changed;
  auto by = by_newcomers() ? &Count::newcomers : &Count::requests;
  test_.see({real(candidate.*by), real(previous.*by), *asked}, to - from);
  proven_ = proven_ || (since_change_ >= kLeast && test_.reaches(kBound));
  return changed;
}

double Shares::realised() const { return all_ > 0 ? own_ / all_ : 0; }

// Of newcomers there are too few to say that all is well again.
bool Shares::off() const {
  if (!proven_ || !asked_) return false;
  double ratio = realised() / *asked_;
  return by_newcomers() || ratio > kNoNews || ratio < 1 / kNoNews;
}

// Where nobody says what was asked for: a second in which the split is another one beyond any chance.
bool Shares::stepped(const Count& candidate, const Count& previous, Time from, Time to) {
  constexpr double kBeyondChance = 8, kAtLeast = 1.5, kEnough = 40;
  if (stretch_all_ == 0) stretch_from_ = from;
  stretch_own_ += real(candidate.requests), stretch_all_ += real(candidate.requests + previous.requests);
  if (to - stretch_from_ < 1s || stretch_all_ < kEnough) return false;
  double usual = usual_all_ > 0 ? usual_own_ / usual_all_ : 0, now = stretch_own_ / stretch_all_;
  double off = std::abs(now - usual) / std::sqrt(usual * (1 - usual) * (1 / stretch_all_ + 1 / usual_all_));
  bool changed = usual > 0 && usual < 1 && off > kBeyondChance && (now > usual * kAtLeast || usual > now * kAtLeast);
  if (changed) return true;
  constexpr double kKept = 0.9;
  usual_own_ = usual_own_ * kKept + std::exchange(stretch_own_, 0);
  usual_all_ = usual_all_ * kKept + std::exchange(stretch_all_, 0);
  return false;
}

}  // namespace davy::judge
