#include "judge/news.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace davy::judge {
namespace {

constexpr std::string_view kAny = "<*>";
constexpr std::size_t kMostExamples = 3;

// "user=<*>," fits "user=alice,": what stands before and behind the <*> is there.
bool fits(std::string_view pattern, std::string_view word) {
  auto at = pattern.find(kAny);
  if (at == pattern.npos) return pattern == word;
  auto behind = pattern.substr(pattern.rfind(kAny) + kAny.size());
  return word.size() >= at + behind.size() && word.starts_with(pattern.substr(0, at)) && word.ends_with(behind);
}

}  // namespace

bool same_pattern(std::string_view a, std::string_view b) {
  auto left = split(a, ' '), right = split(b, ' ');
  return left.size() == right.size() &&
         std::ranges::equal(left, right, [](auto x, auto y) { return fits(x, y) || fits(y, x); });
}

bool News::has(const Known& known, const std::string& pattern) {
  return known.contains(pattern) || known.size() >= kMost ||
         std::ranges::any_of(known, [&](auto& one) { return same_pattern(one, pattern); });
}

void News::add(Known& known, const std::string& pattern) {
  if (known.size() < kMost) known.insert(pattern);
}

News::News(const std::vector<run::Subject>& subjects, const std::optional<Window>& before) {
  for (auto& subject : subjects)
    if (!subject.previous.none()) previous_.insert(subject.previous.id);
  if (before) learn(*before, true);
}

void News::learn(const Window& w) { learn(w, false); }

// before: only the baseline had users, so what names no release is of it; what the candidate said then is its own.
void News::learn(const Window& w, bool before) {
  for (auto& [series, by_release] : w.shown)
    for (auto& [release, patterns] : by_release) {
      if (before && !release.empty() && !previous_.contains(release)) continue;
      for (auto& [pattern, line] : patterns) add(known_[series], pattern);
    }
}

std::vector<std::string> News::unknown_lines(Known& known, const std::map<std::string, std::string>& patterns) const {
  std::vector<std::string> out;
  for (auto& [pattern, line] : patterns)
    if (!has(known, pattern)) add(known, pattern), out.push_back(line);
  return out;
}

// The previous release first: both may tell of a pattern in one window.
void News::count(Window& w) {
  for (auto& [series, by_release] : w.shown) {
    auto& known = known_[series];
    for (auto& [release, patterns] : by_release)
      if (previous_.contains(release))
        for (auto& [pattern, line] : patterns) add(known, pattern);
    for (auto& [release, patterns] : by_release) {
      auto lines = previous_.contains(release) ? std::vector<std::string>() : unknown_lines(known, patterns);
      if (lines.empty()) continue;
      w.counts[series][release] += lines.size();
      w.states[series][release] = examples(lines);
    }
  }
}

std::string News::examples(const std::vector<std::string>& lines) {
  auto shown = std::vector<std::string>(lines.begin(), lines.begin() + std::min(lines.size(), kMostExamples));
  auto more = lines.size() - shown.size();
  return joined(shown, " | ") + (more ? fmt::format(" | and {} more", more) : "");
}

}  // namespace davy::judge
