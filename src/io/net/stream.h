// A connected stream socket, whatever it runs over.
#pragma once
#include <boost/asio/generic/stream_protocol.hpp>
#include <string>

#include "ports/task.h"

namespace davy::io {

using StreamSocket = boost::asio::generic::stream_protocol::socket;

// address: a unix path, host:port, [IPv6]:port. Code::invalid: not an address; Code::unavailable: not there, refused.
ports::Task<StreamSocket> open_stream(std::string address);

}  // namespace davy::io
