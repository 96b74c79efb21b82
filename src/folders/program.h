// A program that is run to its end, in the group of whoever runs it: what ends that ends this.
#pragma once
#include <string>
#include <vector>

#include "base/error.h"

namespace davy::folders {

// What it printed, the last 64 KiB of it. That and its standard error, which is no answer, are passed on to our own
// output as they come. An Error where it did not exit 0, with the last line of both. variables: put over our own
// environment; without: names left out of it.
Result<std::string> run_program(const std::vector<std::string>& argv, const std::vector<std::string>& variables,
                                const std::vector<std::string>& without);

}  // namespace davy::folders
