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

std::string Seeing::blind(Time now) const {
  return blind_since_ && now - *blind_since_ >= kMoment ? gap_ : std::string();
}

std::optional<std::string> Seeing::news(Time now) {
  auto why = told_ ? "" : blind(now);
  if (why.empty()) return {};
  told_ = true;
  return why;
}

bool Seeing::sees(Time now) const { return whole_until_ && now - *whole_until_ < kFresh; }

}  // namespace davy::engine
