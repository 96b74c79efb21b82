// The servers that a request was taken from because they failed, of nginx's list "a, b : c".
#pragma once
#include <algorithm>

#include "signals/traffic/request.h"

namespace davy::signals {

// Calls f(server) for each. At the end of a group (` : `) a request goes on elsewhere by itself, as X-Accel-Redirect
// and error_page have it: only a status of 5xx says that the server had failed.
template <class F>
void each_failed(const Request& line, F&& f) {
  struct Member {
    std::string_view text;
    bool ends_group;
  };
  auto next = [](std::string_view& list) {
    auto comma = list.find(", "), colon = list.find(" : ");
    auto end = std::min({comma, colon, list.size()});
    Member out{list.substr(0, end), end == colon};
    list.remove_prefix(end == list.size() ? end : end + (out.ends_group ? 3 : 2));
    return out;
  };
  auto statuses = line.tried_status;
  for (auto left = line.tried; !left.empty();) {
    auto server = next(left);
    auto status = next(statuses).text;
    if (!server.ends_group || (status.size() == 3 && status[0] == '5')) f(server.text);
  }
}

}  // namespace davy::signals
