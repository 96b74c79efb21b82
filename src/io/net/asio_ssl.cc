// The TLS part of Asio, compiled once; the rest of it is compiled in cmake/asio.cc.
#include <boost/asio/ssl/impl/src.hpp>
