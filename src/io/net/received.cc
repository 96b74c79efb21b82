#include "io/net/received.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

namespace davy::io {

std::int64_t received_on(int descriptor) {
  constexpr std::size_t kPlace = 128;  // of tcpi_bytes_received in linux/tcp.h (4.1); glibc's struct ends before it
  std::array<char, 256> info{};
  socklen_t size = info.size();
  if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, info.data(), &size) != 0) return 0;
  std::int64_t bytes = 0;
  if (size < kPlace + sizeof bytes) return 0;
  std::memcpy(&bytes, info.data() + kPlace, sizeof bytes);
  return bytes;
}

}  // namespace davy::io
