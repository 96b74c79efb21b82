#include "base/text.h"
#include "view/words.h"

namespace davy::view {

std::string report_html(const RunView& v) { return "<!doctype html><title>" + html_escaped(v.id) + "</title>"; }

}  // namespace davy::view
