#include "signals/traffic/clients.h"

#include <functional>
#include <utility>

namespace davy::signals {
namespace {

constexpr Duration kGeneration = std::chrono::seconds(5);
constexpr Duration kLongGeneration = std::chrono::hours(1);
constexpr std::size_t kMostPlaces = 131'072;
constexpr std::size_t kFewPlaces = 1024;

std::size_t place_of(const std::vector<std::uint64_t>& places, std::uint64_t key) {
  auto mask = places.size() - 1;
  auto at = (key >> 1) & mask;
  while (places[at] != 0 && places[at] != key) at = (at + 1) & mask;
  return at;
}

}  // namespace

bool Remembered::Table::holds(std::uint64_t key) const {
  return !places.empty() && places[place_of(places, key)] == key;
}

void Remembered::Table::put(std::uint64_t key) {
  if (places.empty() || 2 * used >= places.size()) grow();
  places[place_of(places, key)] = key;
  ++used;
}

void Remembered::Table::grow() {
  std::vector<std::uint64_t> larger(places.empty() ? kFewPlaces : places.size() * 2);
  for (auto key : places)
    if (key != 0) larger[place_of(larger, key)] = key;
  places = std::move(larger);
}

// Not remembered anew: who fails each minute for days counts once in two turns.
bool Remembered::add(std::uint64_t key) {
  if (holds(key)) return false;
  if (!full()) now_.put(key);
  return true;
}

void Remembered::turn() { before_ = std::exchange(now_, {}); }

static std::uint64_t key_of(std::string_view client, std::uint64_t hash_of_backend) {
  std::uint64_t h = std::hash<std::string_view>{}(client) * 0x9e3779b97f4a7c15ull;
  h ^= hash_of_backend + (h >> 29);
  return h | 1;
}

std::uint64_t Clients::key(std::string_view client, std::string_view backend) {
  return key_of(client, std::hash<std::string_view>{}(backend));
}

std::uint64_t Clients::Keys::of(std::string_view client, std::string_view backend) {
  if (!hashed_ || backend != backend_)
    backend_ = backend, hash_ = std::hash<std::string_view>{}(backend), hashed_ = true;
  return key_of(client, hash_);
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

Clients::Request Clients::request(std::uint64_t key, std::uint32_t server) {
  Request out{.made = request(key)};
  auto& c = *latest_;
  if (out.made == 1)
    out.newcomer = !met_.full() && met_.add(key), c.erred = erred_.holds(key), c.refused = refused_.holds(key);
  else
    out.moved = c.server != server;
  out.erred = c.erred, out.refused = c.refused;
  c.server = server;
  return out;
}

Clients::Error Clients::error() {
  auto& c = *latest_;
  if (c.window != window_) c.window = window_, c.window_errors = 0;
  c.erred = true;
  return {.first = erred_.add(c.key), .earlier = c.window_errors++};
}

bool Clients::client_error() {
  latest_->refused = true;
  return refused_.add(latest_->key);
}

void Clients::end_of_window(Time now) {
  ++window_;
  latest_ = &stranger_;
  if (now - hour_ >= kLongGeneration) {
    for (auto memory : {&erred_, &refused_, &met_}) {
      memory->turn();
      if (hour_ != Time{} && now - hour_ >= 2 * kLongGeneration) memory->turn();  // long ago: nobody is remembered
    }
    hour_ = now;
  }
  if (now - turned_ < kGeneration) return;
  if (turned_ != Time{} && now - turned_ >= 2 * kGeneration) now_ = {};
  before_ = std::exchange(now_, {});
  turned_ = now;
}

}  // namespace davy::signals
