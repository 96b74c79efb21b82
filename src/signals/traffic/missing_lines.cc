#include "signals/traffic/missing_lines.h"

namespace davy::signals {
namespace {

constexpr std::size_t kLooks = 2;        // that a line has to arrive
constexpr std::uint64_t kForgiven = 20;  // attempts that ended without a line of their own: retries, checks by hand

}  // namespace

void MissingLines::came(std::uint64_t lines) {
  lines_ += lines;
  if (lines > 0) doubtful_ = false;
}

void MissingLines::counted(std::uint64_t requests, std::uint64_t inside, Time now) {
  counted_ += requests;
  ended_.push_back({counted_ > inside ? counted_ - inside : 0, now});
  if (ended_.size() <= kLooks) return;
  auto due = ended_.front();
  ended_.pop_front();
  if (due.requests <= lines_ + kForgiven) return void(sure_ = due.at);
  doubtful_ = true;
  lines_ = due.requests;  // told once; what is lost from here on is told again
}

}  // namespace davy::signals
