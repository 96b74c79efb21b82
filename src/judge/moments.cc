#include "judge/moments.h"

#include <algorithm>
#include <chrono>

#include "judge/statistics/binomial.h"

namespace davy::judge {
namespace {

using namespace std::chrono_literals;

constexpr Duration kBlock = 3s, kRest = 30s, kUsualGap = 5min;
constexpr double kLeast = 3;               // errors
constexpr double kFar = 5, kFloor = 0.02;  // times the usual rate; of the requests, at the least
constexpr double kChance = 1e-4;           // that a block is bad by chance
constexpr double kNever = 0.0005,
                 kHardly = 0.01;  // that there are so many: beside the previous release; of a usual one
constexpr int kSeveral = 5;

double real(std::uint64_t n) { return static_cast<double>(n); }

}  // namespace

bool Moments::is_bad(const Side& side) const {
  if (side.errors < kLeast) return false;
  double usual = requests_ == 0 ? 0 : errors_ / requests_, rate = std::min(1.0, std::max(kFloor, kFar * usual));
  return binomial_at_least(side.errors, side.requests, rate) < kChance;
}

void Moments::see(Side& side, double errors, double requests, Duration length) {
  if (side.rest > Duration{}) return void(side.rest -= std::min(side.rest, length));
  if (requests == 0 && side.requests == 0) return;
  side.errors += errors, side.requests += requests;
  side.block += length, side.seen.watched += length;
  if (side.block < kBlock) return;
  bool bad = is_bad(side);
  if (bad)
    ++side.seen.bad, side.rest = kRest;
  else
    errors_ += side.errors, requests_ += side.requests;
  side.errors = side.requests = 0, side.block = {};
}

void Moments::see(std::uint64_t errors, std::uint64_t requests, std::uint64_t others_errors,
                  std::uint64_t others_requests, Duration length) {
  see(sides_[0], real(errors), real(requests), length);
  see(sides_[1], real(others_errors), real(others_requests), length);
}

bool Moments::too_many() const {
  auto &own = candidate(), &other = previous();
  if (own.bad < kSeveral) return false;
  double part = seconds(own.watched) / seconds(own.watched + other.watched);
  double among = own.bad + other.bad, usual = seconds(own.watched) / seconds(kUsualGap);
  bool beside = binomial_at_least(own.bad, among, part) < kNever;
  bool alone = poisson_tail(static_cast<std::uint64_t>(own.bad), usual) < kHardly;
  return other.watched >= own.watched / 2 ? beside : beside || alone;
}

}  // namespace davy::judge
