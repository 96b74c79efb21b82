// The words of a notice.
#pragma once
#include "notices/news.h"

namespace davy::notices {

// `${name}` becomes its value, `$$` a dollar; anything else stays. A name that has no value stays, too: `davy validate`
// refuses it, so only a plan of another Davy can have one.
std::string filled(std::string_view text, const std::map<std::string, std::string>& values);

// The names in a text that are none of `values`: series.
std::vector<std::string> others_in(std::string_view text, const std::map<std::string, std::string>& values);

// In one line, such as "storefront 3 in production: rolled back".
std::string subject_of(const News&);

// The plan's text with its names filled in, or Davy's own. Control characters become visible; at most 8 KB.
std::string text_of(const News&, const std::string& of_the_plan);

}  // namespace davy::notices
