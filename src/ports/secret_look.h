#pragma once
#include <string>
#include <vector>

#include "base/error.h"
#include "base/units.h"

namespace davy::ports {

// What may be known of a secret without knowing it: no part of its value, nor how long it is.
struct SecretState {
  bool set = false, empty = false;
  bool among = false;  // its value is one of those that were asked for
};

struct SecretLook {
  virtual ~SecretLook() = default;
  // `values`: such as `changeme`, which it should not be. Code::unavailable: a value cannot be looked up at all. What
  // is not set is an answer.
  virtual Result<SecretState> look(const SecretRef&, const std::vector<std::string>& values) = 0;
  // A text from outside, with `[NAME]` where a value stood.
  virtual std::string masked(const std::string& text) = 0;
};

}  // namespace davy::ports
