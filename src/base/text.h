// Small text tools that every folder needs.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace davy {

// Text from logs, servers and plans is hostile: control characters and escape sequences become visible (\x1b), so that
// it cannot move the cursor or recolour a terminal. Newlines and tabs are kept only when `lines` is true.
std::string printable(std::string_view, bool lines = false);

std::string html_escaped(std::string_view);
std::string regex_escaped(std::string_view);    // a POSIX extended regular expression that finds this text alone
std::string percent_encoded(std::string_view);  // for a part of a URL, or a form: only letters, digits and -._~ stay

// The word of `valid` within an edit distance of 2 (and less than half its length); empty when none is near.
std::string nearest(std::string_view word, std::span<const std::string_view> valid);

std::vector<std::string_view> split(std::string_view, char at);
std::string_view trimmed(std::string_view);
std::string joined(std::span<const std::string> parts, std::string_view between);

}  // namespace davy
