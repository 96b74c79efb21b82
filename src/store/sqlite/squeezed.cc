#include "store/sqlite/squeezed.h"

#include <fmt/format.h>
#include <zstd.h>

namespace davy::store {
namespace {

constexpr int kLevel = 9;  // a fifth smaller than 3; a pack of a minute takes a few milliseconds

}  // namespace

std::string squeezed(std::string_view bytes) {
  std::string out(::ZSTD_compressBound(bytes.size()), '\0');
  auto size = ::ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), kLevel);
  out.resize(::ZSTD_isError(size) ? 0 : size);  // only for want of memory
  return out;
}

Result<std::string> stretched(std::string_view bytes, std::size_t most) {
  auto size = ::ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN)
    return fail(Code::invalid, "it is not what zstd writes");
  if (size > most) return fail(Code::invalid, fmt::format("it says of itself that it is {} bytes long", size));
  std::string out(size, '\0');
  auto got = ::ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size());
  if (::ZSTD_isError(got)) return fail(Code::invalid, ::ZSTD_getErrorName(got));
  out.resize(got);
  return out;
}

}  // namespace davy::store
