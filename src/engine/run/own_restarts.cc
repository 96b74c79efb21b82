#include "engine/run/own_restarts.h"

#include <algorithm>

namespace davy::engine {
namespace {

bool counts_restarts(const std::string& series) { return series == "restarts" || series.ends_with(".restarts"); }

}  // namespace

void OwnRestarts::take_out(judge::Window& w, bool at_work) {
  if (at_work) unsettled_ = known_;
  for (auto& [series, values] : w.numbers) {
    if (!counts_restarts(series)) continue;
    for (auto& [release, value] : values) {
      Key key{series, release};
      known_.insert(key);
      if (at_work) unsettled_.insert(key);
      auto& own = own_[key];
      if (at_work || unsettled_.erase(key) > 0) own = value;
      own = std::min(own, value);  // its source began anew
      value -= own;
    }
  }
}

}  // namespace davy::engine
