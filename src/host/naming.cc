#include "host/naming.h"

namespace davy::host {
namespace {

const std::string* release_of(const std::string& label, const signals::ReleaseMap& map) {
  static const std::string kService;
  return label.empty() ? &kService : map.find(label);
}

std::string full(const std::string& signal, const std::string& series) {
  return series.empty() ? signal : signal + "." + series;
}

// put: how what two labels of one release say comes together.
template <class T>
void rename(T& into, const T& from, const std::string& signal, const signals::ReleaseMap& map, auto put) {
  for (auto& [series, values] : from)
    for (auto& [label, value] : values)
      if (auto id = release_of(label, map)) put(into[full(signal, series)][*id], value);
}

}  // namespace

judge::Window named(const judge::Window& seen, const std::string& signal, const signals::ReleaseMap& map) {
  judge::Window out{.from = seen.from, .to = seen.to};
  auto newest = [](auto& into, auto& value) { into = value; };
  for (auto& [label, tally] : seen.releases)
    if (auto id = release_of(label, map)) out.releases[*id].merge(tally);
  rename(out.numbers, seen.numbers, signal, map, newest);
  rename(out.states, seen.states, signal, map, newest);
  rename(out.counts, seen.counts, signal, map, [](auto& into, auto& value) { into += value; });
  rename(out.shown, seen.shown, signal, map, [](auto& into, auto& value) { into.insert(value.begin(), value.end()); });
  return out;
}

}  // namespace davy::host
