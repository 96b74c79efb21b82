// A request as options of curl.
#pragma once
#include <memory>

#include "io/net/transfer.h"
#include "io/net/url.h"
#include "ports/net.h"

namespace davy::io {

// Lines of headers for curl, which keeps no copy; wiped, since a secret may stand in one.
class HeaderLines {
 public:
  HeaderLines() = default;
  HeaderLines(const HeaderLines&) = delete;
  ~HeaderLines();
  bool add(const std::string& line);  // false: no memory
  curl_slist* list() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

// The request, its URL and the lines must live until the transfer has ended. authorization: empty, or the header's
// value. Code::unavailable: no memory.
Result<> set_options(CURL*, const ports::HttpRequest&, const Url&, const std::string& authorization, HeaderLines&);

}  // namespace davy::io
