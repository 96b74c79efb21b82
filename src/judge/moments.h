// A release that stands still for some seconds in every minute: its users are taken away within milliseconds each time,
// it does well when they are back, and so nothing is ever proven, and a bake sees hardly an error. What it does to
// users whom nobody takes away any more is another matter.
//
// Moments are events, too. One is a block of 3 s in which far more fails than usual, by one measure for both releases;
// a client that fails, fails again, so errors are the first ones of clients where those can be told. After each, 30 s
// are not watched, as long as users are away from a candidate. Of k on the candidate and k' on the previous release, an
// equal candidate has as many as its part of the watched time: the binomial tail. Where nobody serves beside, as many
// as one in five minutes are no news: the Poisson tail.
#pragma once
#include <array>
#include <cstdint>

#include "base/time.h"

namespace davy::judge {

class Moments {
 public:
  struct Seen {
    int bad = 0;
    Duration watched{};
  };
  // Of one window; a release without requests is not watched.
  void see(std::uint64_t errors, std::uint64_t requests, std::uint64_t others_errors, std::uint64_t others_requests,
           Duration length);

  bool too_many() const;  // the candidate's, beyond chance; stays until it is no more so
  const Seen& candidate() const { return sides_[0].seen; }
  const Seen& previous() const { return sides_[1].seen; }

 private:
  struct Side {
    Seen seen;
    double errors = 0, requests = 0;  // of the block
    Duration block{}, rest{};         // rest: not watched for so long yet
  };
  void see(Side&, double errors, double requests, Duration length);
  bool is_bad(const Side&) const;

  std::array<Side, 2> sides_;
  double errors_ = 0, requests_ = 0;  // of both, of the blocks that were not bad
};

}  // namespace davy::judge
