// Words that a plan may come to use, and that this Davy cannot carry out yet: each is refused with what it will do,
// not as a misspelling. One table; a word leaves it when its provider is added (cli/later_words_test.cc sees to that).
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace davy::plan {

struct LaterWord {
  std::string_view port;  // plan (a section), step, platform, router, probe, signal; of notices: person,
                          // notice (an option of one), text (a name in one)
  std::string_view word;
  std::string_view does;  // "sends a message"
};
std::span<const LaterWord> later_words();

// How it is refused; empty where it is no such word.
std::string later_word(std::string_view port, std::string_view word);

}  // namespace davy::plan
