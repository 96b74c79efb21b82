#include "engine/run/seeing.h"

namespace davy::engine {
namespace {

constexpr Duration kFresh = std::chrono::seconds(1);  // as often as signs of life are given

}  // namespace

void Seeing::see(const judge::Window& w) {
  if (w.complete)
    whole_until_ = w.to;
  else
    gap_ = w.gap.empty() ? "the data have gaps" : w.gap;
}

bool Seeing::sees(Time now) const { return whole_until_ && now - *whole_until_ < kFresh; }

}  // namespace davy::engine
