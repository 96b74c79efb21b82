// How a condition's mistakes are told, for condition.cc only: what was found, and what people usually mean by it.
#pragma once
#include <string_view>

#include "spec/condition.h"

namespace davy::spec {

struct Refused {  // leaves the grammar; caught in parse_condition
  ConditionMistake mistake;
};
[[noreturn]] void refuse(std::string_view text, std::size_t at, std::string_view expected);

// `=>` is one mistake, not an `=` followed by one: where the whole run of signs begins.
std::size_t start_of_signs(std::string_view text, std::size_t at);

// What people write where the grammar wanted something else, and what they should write.
std::string_view meant(std::string_view text, std::size_t at, std::string_view expected);
std::string_view meant_unit(std::string_view unit, std::string_view otherwise);

}  // namespace davy::spec
