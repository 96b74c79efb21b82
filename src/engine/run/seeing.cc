#include "engine/run/seeing.h"

#include <algorithm>

#include "run/patience.h"

namespace davy::engine {

Seeing::Seeing(Duration patience) : grace_(std::max<Duration>(patience - run::kGuardPatience, Duration{})) {}

void Seeing::see(const judge::Window& w) {
  whole_ = w.complete;
  if (whole_)
    whole_until_ = w.to;
  else
    gap_ = w.gap.empty() ? "the data have gaps" : w.gap;
}

bool Seeing::sees(Time now) const { return whole_ || (whole_until_ != Time{} && now - whole_until_ < grace_); }

}  // namespace davy::engine
