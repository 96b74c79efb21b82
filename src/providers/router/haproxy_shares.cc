#include "providers/router/haproxy_shares.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace davy::providers::haproxy {
namespace {

constexpr int kWhole = 256;  // the highest weight of a server

using Side = std::vector<const Server*>;

// Servers of one side; those that are up first, so that they get the larger pieces.
Side side(const std::vector<Server>& all, auto&& belongs) {
  Side out;
  for (auto& s : all)
    if (!s.backup && !s.maint && !s.drain && belongs(s)) out.push_back(&s);
  std::ranges::stable_partition(out, [](auto* s) { return s->up; });
  return out;
}

std::size_t up(const Side& side) { return static_cast<std::size_t>(std::ranges::count_if(side, &Server::up)); }

// down: what a server gets that is not up, so that it serves once it is; nothing where that would be more than was
// asked.
enum class Down { as_the_others, nothing };
void give(Weights& out, const Side& side, int parts, Down down = Down::as_the_others) {
  if (side.empty()) return;
  auto pieces = spread(parts, std::max<std::size_t>(1, up(side)));
  auto beyond = down == Down::nothing ? 0 : pieces.back();
  for (std::size_t i = 0; i < side.size(); ++i) out[side[i]->name] = i < pieces.size() ? pieces[i] : beyond;
}

// The others keep their proportions among each other.
void give_in_proportion(Weights& out, const Side& side, int parts) {
  auto sum = std::accumulate(side.begin(), side.end(), 0, [](int n, auto* s) { return n + s->weight; });
  int left = parts;
  for (auto* s : side) left -= out[s->name] = std::max(parts ? 1 : 0, parts * s->weight / std::max(1, sum));
  if (!side.empty() && left > 0) out[side.front()->name] += left;
}

// Never nothing for a share above 0, and never all for one below 100 %.
int parts_of(Ratio share, int whole) {
  auto exact = static_cast<int>(std::lround(share.value * whole));
  if (share.value <= 0) return 0;
  if (share.value >= 1) return whole;
  return std::clamp(exact, 1, whole - 1);
}

// How many times 256 fit without any server getting more than 256.
int fold(std::size_t release, std::size_t rest, Ratio share) {
  auto most = share.value >= 1 ? release : share.value <= 0 ? rest : std::min(release, rest);
  return static_cast<int>(std::max<std::size_t>(1, most));
}

}  // namespace

std::vector<int> spread(int total, std::size_t n) {
  std::vector<int> out(n, total / static_cast<int>(n));
  for (std::size_t i = 0; i < static_cast<std::size_t>(total) % n; ++i) ++out[i];
  return out;
}

Result<Weights> weights(const std::vector<Server>& all, const Sides& sides, Ratio share) {
  auto release = side(all, [&](auto& s) { return sides.release.contains(s.address); });
  auto rest = side(all, [&](auto& s) {
    if (sides.release.contains(s.address)) return false;
    return sides.rest.empty() ? s.has_users() : sides.rest.contains(s.address);
  });
  bool alone = rest.empty() && sides.rest.empty();  // a first release: nobody to share with
  if (alone && share.value > 0) share = Ratio{1};
  if (share.value > 0 && up(release) == 0)
    return fail(Code::refused, "HAProxy finds no server of the release up", "look at its health check");
  if (share.value < 1 && up(rest) == 0)
    return fail(Code::refused, "HAProxy finds no server up that could take the other users");
  auto whole = kWhole * fold(up(release), sides.rest.empty() ? 1 : up(rest), share);
  auto parts = parts_of(share, whole);
  Weights out;
  for (auto& s : all)
    if (!s.backup && s.weight > 0 && !s.maint && !s.drain) out[s.name] = 0;
  give(out, release, parts, share.value < 1 ? Down::nothing : Down::as_the_others);
  sides.rest.empty() ? give_in_proportion(out, rest, whole - parts) : give(out, rest, whole - parts);
  return out;
}

Change change(std::string_view backend, const std::vector<Server>& now, const Weights& wanted) {
  Change out;
  for (auto& s : now) {
    auto it = wanted.find(s.name);
    if (it == wanted.end() || it->second == s.weight) continue;
    (it->second > s.weight ? out.raise : out.lower).push_back(weigh(backend, s.name, it->second));
  }
  return out;
}

std::string difference(const std::vector<Server>& now, const Weights& wanted) {
  for (auto& [name, weight] : wanted) {
    auto it = std::ranges::find(now, name, &Server::name);
    if (it == now.end()) return fmt::format("{} is gone", name);
    if (weight > 0 && (it->maint || it->drain)) return fmt::format("{} is in {}", name, it->maint ? "maint" : "drain");
    if (it->weight != weight) return fmt::format("{} has weight {} instead of {}", name, it->weight, weight);
  }
  return {};
}

}  // namespace davy::providers::haproxy
