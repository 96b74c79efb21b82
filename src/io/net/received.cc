#include "io/net/received.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
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

namespace {

using Held = std::shared_ptr<Meter>;

void let_go(void*, void* held, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<Held*>(held); }

int place() {  // of the meter among what a connection carries
  static const int index = ::SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, &let_go);
  return index;
}

// Told of each record when its header was read: type, version, length (RFC 8446, 5.1). A connection that counts as
// ended by the other side throws away what it reads from then on, and tells its reader so.
void record_read(int written, int, int type, const void* header, std::size_t size, SSL* ssl, void* held) {
  if (written || type != SSL3_RT_HEADER || size != SSL3_RT_HEADER_LENGTH) return;
  auto* bytes = static_cast<const unsigned char*>(header);
  auto& meter = **static_cast<Held*>(held);
  meter.read += SSL3_RT_HEADER_LENGTH + bytes[3] * 256 + bytes[4];
  if (meter.read > meter.most) ::SSL_set_shutdown(ssl, ::SSL_get_shutdown(ssl) | SSL_RECEIVED_SHUTDOWN);
}

}  // namespace

bool count_records(SSL* ssl, std::shared_ptr<Meter> meter) {
  if (auto* before = static_cast<Held*>(::SSL_get_ex_data(ssl, place()))) {
    *before = std::move(meter);
    return true;
  }
  auto held = std::make_unique<Held>(std::move(meter));
  if (place() < 0 || ::SSL_set_ex_data(ssl, place(), held.get()) != 1) return false;
  ::SSL_set_msg_callback(ssl, &record_read);
  ::SSL_set_msg_callback_arg(ssl, held.release());
  return true;
}

}  // namespace davy::io
