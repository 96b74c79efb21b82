#include "signals/traffic/clients.h"

#include <functional>
#include <utility>

namespace davy::signals {
namespace {

constexpr Duration kGeneration = std::chrono::seconds(5);
constexpr std::size_t kMostPlaces = 131'072;

}  // namespace

std::uint64_t Clients::key(std::string_view client, std::string_view backend) {
  std::uint64_t h = std::hash<std::string_view>{}(client) * 0x9e3779b97f4a7c15ull;
  h ^= std::hash<std::string_view>{}(backend) + (h >> 29);
  return h | 1;
}

Clients::Client& Clients::Table::place(std::uint64_t key) {
  auto mask = places.size() - 1;
  auto at = (key >> 1) & mask;
  while (places[at].key != 0 && places[at].key != key) at = (at + 1) & mask;
  return places[at];
}

bool Clients::Table::make_room() {
  if (2 * used < places.size()) return true;
  if (places.size() >= kMostPlaces) return false;
  Table larger;
  larger.places.assign(places.size() * 2, {});
  for (auto& c : places)
    if (c.key != 0) larger.place(c.key) = c;
  places = std::move(larger.places);
  return true;
}

Clients::Client& Clients::client(std::uint64_t key) {
  if (auto& known = now_.place(key); known.key == key) return known;
  if (!now_.make_room()) return stranger_ = Client{.key = key};
  auto& place = now_.place(key);
  auto& old = before_.place(key);
  place = Client{.key = key};
  if (old.key == key) place = old, place.requests_before = std::exchange(place.requests, 0);
  ++now_.used;
  return place;
}

std::uint64_t Clients::request(std::uint64_t key) {
  latest_ = &client(key);
  ++latest_->requests;
  return std::uint64_t{latest_->requests} + latest_->requests_before;
}

Clients::Error Clients::error() {
  auto& c = *latest_;
  if (c.window != window_) c.window = window_, c.window_errors = 0;
  Error out{.first = c.erred == 0 || generation_ - c.erred >= 2, .earlier = c.window_errors++};
  if (out.first) c.erred = generation_;
  return out;
}

void Clients::end_of_window(Time now) {
  ++window_;
  latest_ = &stranger_;
  if (now - turned_ < kGeneration) return;
  if (turned_ != Time{} && now - turned_ >= 2 * kGeneration) now_ = {};  // long ago: nobody is remembered
  before_ = std::exchange(now_, {});
  ++generation_;
  turned_ = now;
}

}  // namespace davy::signals
