// How a secret may look in a program's output: as it is, and in the encodings that tools print.
#pragma once
#include <set>
#include <string>
#include <string_view>

namespace davy::io {

std::string base64(std::string_view);
std::string url_encoded(std::string_view, std::string_view also_plain = {}, bool lower_hex = false);
void wipe(std::string&);  // overwrites the text and all its capacity, then clears it

// The value itself, its lines when it has several, and for 4 bytes or more: base64 (both alphabets, at any of the three
// alignments inside a longer text), URL-encoded, JSON-escaped, HTML-escaped and shell-quoted forms. The caller wipes.
std::set<std::string> forms_of(std::string_view secret);

}  // namespace davy::io
