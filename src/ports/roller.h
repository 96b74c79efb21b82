// A roller is a platform that replaces one release by the other by itself: a deployment of a cluster, a push that a
// pipeline carries out. Nobody gives out shares, and users may meet the new release from begin() on.
#pragma once
#include <optional>
#include <string>

#include "ports/outside.h"
#include "run/setup.h"
#include "spec/value.h"

namespace davy::ports {

// How far the replacement by a release is, as the platform says.
struct Replacing {
  enum class State { running, done, failed, stuck };  // stuck: it goes on, and will not come to an end by itself
  State state = State::running;
  Ratio moved;       // this share of the users, or of the instances, has been moved to it
  std::string says;  // for people
};

struct Roller {
  virtual ~Roller() = default;

  // What stands now, in the platform's own words: what back() is given. Reads only.
  virtual Task<spec::Value> found(const Asking&) = 0;

  // Has this release replace whatever runs, and answers as soon as the platform has taken that up. It is marked with
  // the release, so that find() knows it again. Said twice it begins once.
  virtual Task<> begin(const run::Release&, const Asking&) = 0;

  // How far that is; nothing: the platform knows of no such release, or has given it up. Whoever asks may be another
  // Davy than the one that began it. Reads only.
  virtual Task<std::optional<Replacing>> find(const run::Release&, const Asking&) = 0;

  // How long after begin() it may be that find() does not know of it yet.
  virtual Duration known_within(const run::Release&) const { return std::chrono::minutes(1); }

  // Gives up what goes on, and has `previous` replace it as it stood when `found` was read; answers as begin() does,
  // and find() tells how far it is. Repeatable.
  virtual Task<> back(const run::Release& previous, const spec::Value& found, const Asking&) = 0;
};

}  // namespace davy::ports
