#pragma once
#include <cstdint>

namespace davy::io {

// Bytes that ever came in on a TCP connection, as the kernel counts them (TCP_INFO, tcp(7)): whatever layer swallowed
// them, and whether or not they were read. 0 for other sockets, and where the kernel does not tell.
std::int64_t received_on(int descriptor);

}  // namespace davy::io
