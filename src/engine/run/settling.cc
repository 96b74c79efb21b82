#include "engine/run/settling.h"

#include <iterator>

namespace davy::engine {
namespace {

// So many wait at most: where nothing is compared for that long, windows have a gap of their own.
constexpr std::size_t kMost = 600;

void doubt(judge::Window& w, const judge::Window& because) {
  if (!w.complete) return;
  w.complete = false, w.gap = because.gap;
}

}  // namespace

std::vector<judge::Window> Settling::see(judge::Window w) {
  if (w.doubted)
    for (auto& before : waiting_) doubt(before, w);
  auto sure = w.doubted ? w.to : w.sure.value_or(w.to);
  waiting_.push_back(std::move(w));
  std::vector<judge::Window> out;
  while (!waiting_.empty() && (waiting_.front().to <= sure || waiting_.size() > kMost)) {
    out.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return out;
}

std::vector<judge::Window> Settling::rest() {
  std::vector<judge::Window> out(std::move_iterator(waiting_.begin()), std::move_iterator(waiting_.end()));
  waiting_.clear();
  return out;
}

}  // namespace davy::engine
