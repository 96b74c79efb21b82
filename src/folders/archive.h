// An archive (tar in any of the usual compressions, zip), checked and unpacked. All that it says is hostile.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/units.h"

namespace davy::folders {

// Of one archive, so that none fills a disk by what it claims to be.
struct Bounds {
  Bytes unpacked{std::int64_t{16} * 1024 * 1024 * 1024};
  Bytes packed{std::int64_t{8} * 1024 * 1024 * 1024};
  std::int64_t entries = 2'000'000;
};

// Pure: why an entry of that name may not be unpacked; empty: it may. `link`: what it leads to, where it is a symbolic
// link. Names are relative and never lead up; links lead no further up than to the folder itself, and only at their
// beginning, so that no other link on their way can take them out.
std::string leads_out(std::string_view name, std::string_view link = {});

// SHA-256 of all of the file, hexadecimal.
Result<std::string> sha256_of(int file);

// Unpacks what is open there into an empty folder, as files of whoever runs this, without set-uid bits. What is read is
// summed up once more. Code::invalid: it is no archive, is cut, leads out, exceeds a bound, or is not the one of this
// sum (any more); Code::no_space. What was unpacked by then stays.
Result<> unpack(int file, const std::string& sha256, const std::string& folder, const Bounds&);

}  // namespace davy::folders
