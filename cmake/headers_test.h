// The headers of others that cost tests most; see headers.h. Tests have flags of their own, so a precompiled form, too.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>

#include "headers.h"
