#include "judge/numbers/packing.h"

#include <fmt/format.h>

#include <algorithm>

#include "judge/numbers/sketch_walk.h"

namespace davy::judge {
namespace {

template <class F>
void each_sketch(auto& window, F f) {
  for (auto& [release, tally] : window.releases) {
    for (auto& part : tally.aged) f(part.latency);
    for (auto& [endpoint, part] : tally.endpoints) f(part.latency);
    f(tally.latency);
  }
}

// Unsigned: where there are fewer requests it comes to the same again.
template <class F>
void each_with_requests(Window& window, F f) {
  for (auto& [_, tally] : window.releases) {
    f(tally.requests, tally.latency);
    for (auto& [endpoint, part] : tally.endpoints) f(part.requests, part.latency);
  }
}

std::string text_of(Window w) {
  each_with_requests(w, [](std::uint64_t& requests, auto& latency) { requests -= latency.count(); });
  each_sketch(w, [](Sketch& latency) { latency = {}; });
  return encode(w) + '\n';
}

// The latencies of a release are mostly those of its endpoints: then the rest alone is told.
bool leave_the_rest(Tally& tally) {
  Sketch parts, again;
  for (auto& [_, part] : tally.endpoints) parts.merge(part.latency);
  auto rest = tally.latency;
  rest.remove(parts);
  again = rest;
  again.merge(parts);
  if (again != tally.latency) return false;
  tally.latency = std::move(rest);
  return true;
}

void add_parts(Tally& tally) {
  for (auto& [_, part] : tally.endpoints) tally.latency.merge(part.latency);
}

template <class Pass>
void go(Pass pass, SketchWalk& walk, Window& window) {
  for (auto& [release, tally] : window.releases) {
    for (auto& part : tally.aged) walk.sketch(pass, release + '\t', part.latency);
    for (auto& [endpoint, part] : tally.endpoints) walk.sketch(pass, release + '\n' + endpoint, part.latency);
    bool rest = walk.flag(pass, !Pass::kReads && leave_the_rest(tally));
    walk.sketch(pass, release, tally.latency);
    if (Pass::kReads && rest) add_parts(tally);
  }
}

std::size_t buckets_of(const Window& window) {
  std::size_t out = 0;
  each_sketch(window, [&](const Sketch& latency) { out += end_bucket(latency) - latency.first_bucket(); });
  return out;
}

std::string latencies_of(std::vector<Window> windows) {
  std::size_t first = Sketch::kBuckets, end = 0;
  for (auto& window : windows)
    each_sketch(window, [&](const Sketch& latency) {
      if (latency.count() == 0) return;
      first = std::min(first, latency.first_bucket()), end = std::max(end, end_bucket(latency));
    });
  BitWriter out;
  SketchWalk walk;
  walk.range(Putting{out}, first / SketchWalk::kBlock, (end + SketchWalk::kBlock - 1) / SketchWalk::kBlock);
  for (auto& window : windows) go(Putting{out}, walk, window);
  return out.end();
}

std::unexpected<Error> broken(std::string what) { return fail(Code::invalid, "stored windows: " + std::move(what)); }

Result<std::vector<Window>> windows_of(std::string_view text) {
  std::vector<Window> out;
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    auto window = decode(text.substr(0, end));
    if (!window) return broken(fmt::format("number {}: {}", out.size() + 1, window.error().message));
    if (out.size() == kMostPacked.windows) return broken(fmt::format("more than {} of them", out.size()));
    out.push_back(*std::move(window));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace

Weight& Weight::operator+=(const Weight& other) {
  windows += other.windows, text += other.text, buckets += other.buckets;
  return *this;
}

bool Weight::within(const Weight& most) const {
  return windows <= most.windows && text <= most.text && buckets <= most.buckets;
}

Weight weight_of(const Window& window) {
  return {.windows = 1, .text = text_of(window).size(), .buckets = buckets_of(window)};
}

Result<Packed> pack(std::span<const Window> windows) {
  Packed out;
  Weight weight{.windows = windows.size()};
  for (auto& window : windows) out.text += text_of(window), weight.buckets += buckets_of(window);
  weight.text = out.text.size();
  if (!weight.within(kMostPacked)) return fail(Code::invalid, "more windows than may be packed together");
  out.latencies = latencies_of({windows.begin(), windows.end()});
  return out;
}

Result<std::vector<Window>> unpack(const Packed& packed) {
  if (packed.text.size() > kMostPacked.text) return broken("their text is too long");
  auto windows = windows_of(packed.text);
  if (!windows) return windows;
  BitReader in(packed.latencies);
  SketchWalk walk;
  walk.range(Getting{in}, 0, 0);
  std::size_t buckets = 0, number = 0;
  for (auto& window : *windows) {
    ++number;
    go(Getting{in}, walk, window);
    each_with_requests(window, [](std::uint64_t& requests, auto& latency) { requests += latency.count(); });
    if (in.behind_the_end()) return broken(fmt::format("the latencies end in number {}", number));
    if ((buckets += buckets_of(window)) > kMostPacked.buckets)
      return broken(fmt::format("too many latencies, in number {}", number));
  }
  if (!in.at_the_end()) return broken("something stands behind their latencies");
  return windows;
}

}  // namespace davy::judge
