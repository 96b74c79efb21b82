// The same with Asio, for tests of what lies outside the pure folders.
#pragma once
#include "headers_asio.h"
#include "headers_test.h"
