#pragma once
#include <string>
#include <string_view>

namespace davy::providers {

// The last lines that say something, in one: "Traceback … / ModuleNotFoundError: No module named 'stripe'". Pure; a
// program's output is hostile.
std::string last_words(std::string_view log);

}  // namespace davy::providers
