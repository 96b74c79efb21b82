#include "plan/plan.h"

#include <algorithm>

namespace davy::plan {
namespace {

const auto* named(const auto& all, std::string_view name) {
  auto found = std::ranges::find_if(all, [&](auto& each) { return each.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

const Service* Plan::service(std::string_view name) const { return named(services, name); }
const Environment* Plan::environment(std::string_view name) const { return named(environments, name); }
const Group* Plan::group(std::string_view name) const { return named(checks, name); }

bool Plan::sees(std::string_view series) const {
  return std::ranges::any_of(signals, [&](const Signal& s) {
    return s.name == series.substr(0, series.find('.')) || std::ranges::find(s.gives, series) != s.gives.end();
  });
}

}  // namespace davy::plan
