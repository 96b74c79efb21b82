#include "judge/blind.h"

#include <algorithm>

namespace davy::judge {

bool Blind::see(bool can_tell, Time now, Duration over) {
  if (can_tell) {
    *this = {};
    return false;
  }
  if (!since_) since_ = now;
  if (told_ || now - *since_ < std::max(kLong, over)) return false;
  return told_ = true;
}

}  // namespace davy::judge
