// Holds the precompiled headers; see headers_test.h.
