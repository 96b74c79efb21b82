#include "signals/traffic/endpoints.h"

#include <algorithm>
#include <vector>

namespace davy::signals {
namespace {

constexpr std::size_t kMostKnown = 1000, kMostNamed = 10;
constexpr std::size_t kMostSegments = 4, kMostLetters = 32;
constexpr double kEnough = 100;                     // requests, before any has a name
constexpr double kNamedFrom = 0.02, kUntil = 0.01;  // of all: who has a name keeps it for longer
constexpr double kKept = 0.9;                       // from one choice to the next: half a minute or so is remembered
constexpr Duration kChoice = std::chrono::seconds(10);

bool digit(char c) { return c >= '0' && c <= '9'; }
bool plain(char c) {
  return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.' || c == '~';
}

// "v1" and "p2p" are words; "42", "8a3f-71" and what is long are not.
bool is_id(std::string_view segment) {
  if (segment.size() > kMostLetters || !std::ranges::all_of(segment, plain)) return true;
  if (segment.empty() || std::ranges::none_of(segment, digit)) return false;
  return segment.size() > 3 || std::ranges::all_of(segment, digit);
}

void append_endpoint(std::string& out, std::string_view path) {
  path = path.substr(0, path.find_first_of("?#;"));
  for (std::size_t n = 0; path.starts_with('/') && n < kMostSegments; ++n) {
    auto segment = path.substr(1, path.find('/', 1) - 1);
    out += '/';
    out += is_id(segment) ? std::string_view("*") : segment;
    path.remove_prefix(1 + segment.size());
  }
}

}  // namespace

std::string endpoint_of(std::string_view path) {
  std::string out;
  append_endpoint(out, path);
  return out;
}

std::string_view Endpoints::request(std::string_view path) {
  ++requests_;
  latest_.clear();
  append_endpoint(latest_, path);
  auto found = known_.find(std::string_view(latest_));
  if (found == known_.end()) {
    if (!latest_.empty() && known_.size() < kMostKnown) known_.emplace(latest_, Known{.requests = 1});
    return {};
  }
  ++found->second.requests;
  return found->second.named ? std::string_view(found->first) : std::string_view();
}

void Endpoints::end_of_window(Time now) {
  if (requests_ < kEnough || now - chosen_ < kChoice) return;
  chosen_ = now;
  choose();
}

void Endpoints::choose() {
  std::vector<Known*> many;
  for (auto& [_, one] : known_) {
    if (one.requests >= requests_ * (one.named ? kUntil : kNamedFrom)) many.push_back(&one);
    one.named = false;
  }
  std::ranges::sort(many, std::greater(), [](auto* one) { return one->requests; });
  for (std::size_t i = 0; i < std::min(many.size(), kMostNamed); ++i) many[i]->named = true;
  requests_ *= kKept;
  for (auto& [_, one] : known_) one.requests *= kKept;
  std::erase_if(known_, [](auto& entry) { return entry.second.requests < 1 && !entry.second.named; });
}

}  // namespace davy::signals
