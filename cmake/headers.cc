// Holds the precompiled headers; see headers.h.
