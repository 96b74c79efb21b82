#include "base/shown_url.h"

#include <algorithm>

namespace davy {

std::string shown_url(std::string_view url) {
  auto begin = url.find("://");
  if (begin == url.npos) return std::string(url);
  begin += 3;
  auto end = std::min(url.find_first_of("/?#", begin), url.size());
  if (auto at = url.substr(0, end).rfind('@'); at != url.npos && at >= begin) begin = at + 1;
  std::string out(url.substr(0, url.find("://") + 3));
  auto query = std::min(url.find_first_of("?#", begin), url.size());
  out += url.substr(begin, query - begin);
  return query < url.size() ? out + url[query] + "…" : out;
}

}  // namespace davy
