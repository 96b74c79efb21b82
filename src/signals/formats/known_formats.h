// Formats that are always the same: who writes them, and their pattern.
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace davy::signals {

struct KnownFormat {
  std::string_view family, name;  // `--format` takes the family; the name says which of its formats
  std::string_view pattern;
  std::string_view marker = {};  // lines without it, that the pattern does not read, are no requests
  bool guessed = true;           // also where nobody named it
};

std::span<const KnownFormat> known_formats();
const KnownFormat* known_format(std::string_view family);  // the first; null: there is none

// The pattern of a W3C extended log, from the directives among its lines; empty: there is no #Fields among them.
// (W3C, "Extended Log File Format"; IIS writes time-taken in milliseconds, others in seconds.)
std::string w3c_pattern(std::span<const std::string_view> lines);

}  // namespace davy::signals
