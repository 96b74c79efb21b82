#include "io/posix/reserve.h"

#include <fcntl.h>

namespace davy::io {

Reserve::Reserve(std::size_t many) : many_(many) { hold(); }

void Reserve::hold() {
  while (held_.size() < many_) {
    Fd one(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (one.get() < 0) return;
    held_.push_back(std::move(one));
  }
}

}  // namespace davy::io
