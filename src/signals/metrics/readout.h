// What a command printed, as numbers and words: a number, key=value lines, or JSON.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "spec/condition.h"

namespace davy::signals {

enum class Readout { guess, number, lines, json };  // guess: JSON, else lines, else a number, else a word

// By name, "" for the whole: a number's own, of JSON a path (a.b.0), of lines a key. At most 1,000 of both.
struct Readings {
  std::map<std::string, spec::Quantity> numbers;  // with the unit that was written (12 ms, 5 %, 3 GB), in base units
  std::map<std::string, std::string> words;
};

// path: in JSON, what is meant by the whole; its members are named from there. Code::invalid: it is not what it should
// be.
Result<Readings> read_output(std::string_view text, Readout, std::string_view path = {});

// The steps of a path, `a.b.0.c`; none of `.`, which is all of it.
std::vector<std::string_view> path_steps(std::string_view path);

// What stands there in JSON; null when there is none.
const spec::Json* at_path(const spec::Json&, std::string_view path);

// A number with or without a unit, as a condition would write it.
std::optional<spec::Quantity> quantity(std::string_view);

}  // namespace davy::signals
