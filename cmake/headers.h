// The headers of others that cost most to read, precompiled once (DavyLibrary.cmake). A source still includes what it
// uses, as if this did not exist.
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>
