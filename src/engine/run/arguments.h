#pragma once
#include "run/runbook.h"

namespace davy::engine {

// An argument of a call; the default of its type when it is not there. Calls were written by src/rollout, so a value
// that does not fit is a bug of Davy's and reads as absent.
template <class T>
T argument(const run::Call& call, std::string_view key, T otherwise = {}) {
  auto value = call.args.find(key);
  if (!value) return otherwise;
  return spec::decoded<T>(*value, key).value_or(std::move(otherwise));
}

}  // namespace davy::engine
