#pragma once
#include <openssl/types.h>

#include <cstdint>
#include <memory>

namespace davy::io {

// Bytes that ever came in on a TCP connection, as the kernel counts them (TCP_INFO, tcp(7)): whatever layer swallowed
// them, and whether or not they were read. 0 for other sockets, and where the kernel does not tell.
std::int64_t received_on(int descriptor);

// Counts the records of TLS as they are read, and ends the connection's input beyond `most` bytes. libcurl reads frames
// of HTTP/2 that mean nothing for as long as more lie ready: nobody else can stop it within that call (decision 0019).
struct Meter {
  std::int64_t most, read = 0;
};

// From now on what this connection brings is counted there, and no longer where it was counted before. The connection
// holds it, since it may outlive who asked. False: no memory.
bool count_records(SSL*, std::shared_ptr<Meter>);

}  // namespace davy::io
