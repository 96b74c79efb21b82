#include "io/posix/log_front.h"

#include <fcntl.h>

namespace davy::io {

bool take_off_front(int file, off_t length) { return ::fallocate(file, FALLOC_FL_COLLAPSE_RANGE, 0, length) == 0; }

}  // namespace davy::io
