// The commonest of very many names, in bounded memory: Space-Saving (Metwally, Agrawal & El Abbadi 2005, "Efficient
// computation of frequent and top-k elements in data streams"). A newcomer takes the place of the rarest and inherits
// its count as `over`: the true count lies between count - over and count, and whatever is commoner than one in `most`
// of all is there. Merging keeps that (Agarwal et al. 2012, "Mergeable summaries").
#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace davy::analyze {

// T: what is known of each name since it has its place; default-made, merge(const T&).
template <class T>
class Top {
 public:
  struct Entry {
    std::string name;
    std::uint64_t count = 0, over = 0;
    T value{};
  };

  explicit Top(std::size_t most) : most_(most) {}

  // Counts it once more. The value is valid until the next call.
  T& add(std::string_view name) {
    name = name.substr(0, kLongest);
    auto found = places_.find(name);
    auto at = found != places_.end() ? found->second : newcomer(name);
    ++entries_[at].count;
    sink(position_[at]);
    return entries_[at].value;
  }

  void merge(const Top& other) {
    auto mine = least(), theirs = other.least();
    auto all = std::move(entries_);
    auto places = std::move(places_);
    for (auto& e : all) {
      if (other.places_.contains(e.name)) continue;
      e.count += theirs, e.over += theirs;
    }
    for (auto& e : other.entries_) {
      if (auto found = places.find(e.name); found != places.end()) {
        auto& into = all[found->second];
        into.count += e.count, into.over += e.over, into.value.merge(e.value);
      } else {
        all.push_back(e);
        all.back().count += mine, all.back().over += mine;
      }
    }
    rebuild(std::move(all));
  }

  // Commonest first; of equals by name.
  std::vector<Entry> sorted() const {
    auto out = entries_;
    std::ranges::sort(out, [](auto& a, auto& b) { return a.count != b.count ? a.count > b.count : a.name < b.name; });
    return out;
  }
  std::size_t size() const { return entries_.size(); }

 private:
  static constexpr std::size_t kLongest = 400;  // what is longer is cut: names come from strangers

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };

  std::uint64_t least() const { return entries_.size() < most_ ? 0 : entries_[heap_[0]].count; }

  std::size_t newcomer(std::string_view name) {
    if (entries_.size() < most_) {
      auto at = entries_.size();
      entries_.push_back({std::string(name)});
      heap_.push_back(at), position_.push_back(heap_.size() - 1);
      rise(heap_.size() - 1);
      places_.emplace(std::string(name), at);
      return at;
    }
    auto at = heap_[0];
    auto& e = entries_[at];
    places_.erase(places_.find(std::string_view(e.name)));
    e = {std::string(name), e.count, e.count};
    places_.emplace(std::string(name), at);
    return at;
  }

  void rebuild(std::vector<Entry> all) {
    std::ranges::sort(all, [](auto& a, auto& b) { return a.count != b.count ? a.count > b.count : a.name < b.name; });
    if (all.size() > most_) all.resize(most_);
    entries_ = std::move(all);
    places_.clear(), heap_.clear(), position_.assign(entries_.size(), 0);
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      places_.emplace(entries_[i].name, i);
      heap_.push_back(entries_.size() - 1 - i);  // rising counts are a heap already
      position_[entries_.size() - 1 - i] = i;
    }
  }

  bool less(std::size_t a, std::size_t b) const { return entries_[heap_[a]].count < entries_[heap_[b]].count; }
  void swap(std::size_t a, std::size_t b) {
    std::swap(heap_[a], heap_[b]);
    position_[heap_[a]] = a, position_[heap_[b]] = b;
  }
  void rise(std::size_t at) {
    for (; at > 0 && less(at, (at - 1) / 2); at = (at - 1) / 2) swap(at, (at - 1) / 2);
  }
  void sink(std::size_t at) {
    for (;;) {
      auto child = 2 * at + 1;
      if (child >= heap_.size()) return;
      if (child + 1 < heap_.size() && less(child + 1, child)) ++child;
      if (!less(child, at)) return;
      swap(at, child);
      at = child;
    }
  }

  std::size_t most_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> places_;
  std::vector<std::size_t> heap_, position_;  // of entries, the rarest on top; where each entry is in the heap
};

}  // namespace davy::analyze
