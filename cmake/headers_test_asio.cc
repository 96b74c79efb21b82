// Holds the precompiled headers; see headers_test_asio.h.
