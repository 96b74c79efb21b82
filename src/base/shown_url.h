#pragma once
#include <string>
#include <string_view>

namespace davy {

// An address as people may read it: who asks, and what is asked for behind `?`, may be secrets and are left out. What
// is no address with `://` stays as it is.
std::string shown_url(std::string_view);

}  // namespace davy
