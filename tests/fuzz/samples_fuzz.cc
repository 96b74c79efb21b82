// Stored windows that are anything at all: their text, a zero, their latencies. What is read is written the
// same again.
#include <cstdint>
#include <cstdlib>

#include "judge/numbers/packing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto end = std::min(bytes.find('\0'), bytes.size());
  davy::judge::Packed packed{std::string(bytes.substr(0, end)), std::string(bytes.substr(std::min(end + 1, size)))};
  auto windows = davy::judge::unpack(packed);
  if (!windows) return 0;
  auto again = davy::judge::pack(*windows);
  if (!again) return 0;
  auto back = davy::judge::unpack(*again);
  if (!back || *back != *windows) std::abort();
  return 0;
}
