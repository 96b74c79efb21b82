// Holds the precompiled headers; see headers_asio.h.
