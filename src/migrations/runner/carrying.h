// What the two halves of the runner share: runner.cc and outside.cc.
#pragma once
#include <fmt/format.h>

#include "migrations/runner/runner.h"

namespace davy::migrations {

inline Result<> plain(const Asked<>& done) {
  if (done) return {};
  return std::unexpected(done.error().error);
}

inline const Way& way_of(const Migration& m, bool up) { return up ? m.up : *m.down; }

inline std::unexpected<Wrong> placed(const Way& way, const Statement& s, Wrong wrong) {
  if (!wrong.lost()) wrong.error.message = fmt::format("{} line {}: {}", way.file, s.line, wrong.error.message);
  return std::unexpected(std::move(wrong));
}

}  // namespace davy::migrations
