// A log is kept short without a stop of whoever writes to it: its front is taken off, and its writer goes on appending.
#pragma once
#include <sys/types.h>

namespace davy::io {

// Fronts are whole multiples of it, so that a reader finds out how far down its place has moved.
constexpr off_t kFront = 1 << 20;

// Takes [0, length) off a file, `length` a multiple of kFront and less than the file: all that stands behind it moves
// to the beginning, and what is written meanwhile stays. False: nothing was done, for the file system cannot (ext4, xfs
// and f2fs can; fallocate(2), FALLOC_FL_COLLAPSE_RANGE).
bool take_off_front(int file, off_t length);

}  // namespace davy::io
