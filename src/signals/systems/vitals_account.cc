#include "signals/systems/vitals_account.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace davy::signals {
namespace {

// Nearest rank, as the field's tools have it: the smallest value that so large a share does not exceed.
double quantile(std::vector<double>& values, double q) {
  auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size()))) - 1;
  auto at = values.begin() + static_cast<std::ptrdiff_t>(std::min(rank, values.size() - 1));
  std::ranges::nth_element(values, at);
  return *at;
}

using Values = std::array<std::vector<double>, kVitalNames.size()>;

void put(judge::Window& out, const std::string& release, Values& values) {
  std::size_t views = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    views = std::max(views, values[i].size());
    if (values[i].size() < VitalsAccount::kLeast) continue;
    std::string name(kVitalNames[i]);
    if (static_cast<Vital>(i) == Vital::errors) {
      auto free = static_cast<double>(std::ranges::count(values[i], 0.0));
      out.numbers["error_free"][release] = free / static_cast<double>(values[i].size());
      continue;
    }
    out.numbers[name][release] = quantile(values[i], .75);
    out.numbers[name + "_p50"][release] = quantile(values[i], .5);
    out.numbers[name + "_p95"][release] = quantile(values[i], .95);
  }
  out.numbers["views"][release] = static_cast<double>(views);
}

}  // namespace

void VitalsAccount::take(Beacons beacons, Time at) {
  broken_ += beacons.broken;
  for (auto& one : beacons.all) take(std::move(one), at);
}

void VitalsAccount::take(Beacon&& b, Time at) {
  if (by_release_ && b.release.empty()) return void(++unlabelled_);
  if (!by_release_) b.release.clear();
  auto key = fmt::format("{}{}{}", static_cast<int>(b.vital), b.id.empty() ? '#' : '=',
                         b.id.empty() ? std::to_string(++anonymous_) : b.id);
  if (auto before = by_key_.find(key); before != by_key_.end()) forget(before->second);
  if (!releases_.contains(b.release) && releases_.size() >= kMostReleases) return void(++broken_);
  if (views_.size() >= kMost) forget(views_.begin());
  ++releases_[b.release];
  views_.push_back({key, b.vital, b.value, std::move(b.release), at});
  by_key_[key] = std::prev(views_.end());
}

void VitalsAccount::forget(std::list<View>::iterator one) {
  if (auto of = releases_.find(one->release); --of->second == 0) releases_.erase(of);
  by_key_.erase(one->key);
  views_.erase(one);
}

judge::Window VitalsAccount::look(Time now) {
  while (!views_.empty() && views_.front().at <= now - over_) forget(views_.begin());
  std::map<std::string, Values> all;
  if (!by_release_) all[""];
  for (auto& view : views_) all[view.release][static_cast<std::size_t>(view.vital)].push_back(view.value);
  judge::Window out;
  for (auto& [release, values] : all) put(out, release, values);
  for (auto& [name, n] : {std::pair("broken", broken_), {"unlabelled", unlabelled_}, {"refused", refused_}})
    if (n > 0) out.numbers[name][""] = static_cast<double>(n);
  return out;
}

}  // namespace davy::signals
