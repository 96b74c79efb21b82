#include "engine/run/seeing.h"

namespace davy::engine {
namespace {

constexpr Duration kMoment = std::chrono::milliseconds(1500);
constexpr Duration kFresh = std::chrono::seconds(1);  // as often as signs of life are given

}  // namespace

void Seeing::see(const judge::Window& w) {
  if (w.complete) {
    whole_until_ = w.to, told_ = false;
    blind_since_.reset();
  } else {
    gap_ = w.gap.empty() ? "the data have gaps" : w.gap;
    if (!blind_since_) blind_since_ = w.from;
  }
}

std::optional<std::string> Seeing::news(Time now) {
  if (told_ || !blind_since_ || now - *blind_since_ < kMoment) return {};
  told_ = true;
  return gap_;
}

bool Seeing::sees(Time now) const { return whole_until_ && now - *whole_until_ < kFresh; }

}  // namespace davy::engine
