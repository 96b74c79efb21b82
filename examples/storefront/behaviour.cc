#include "behaviour.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <sstream>

#include "base/text.h"

namespace storefront {
namespace {

struct Quantity {
  double number;
  std::string_view unit;
};

std::optional<Quantity> quantity(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || !std::isfinite(number) || number < 0) return std::nullopt;
  return Quantity{number, text.substr(static_cast<std::size_t>(end - text.data()))};
}

using Factors = std::map<std::string_view, double>;
const Factors kShares{{"%", 0.01}};
const Factors kTimes{{"ms", 0.001}, {"s", 1}, {"m", 60}};
const Factors kRates{{"KB/s", 1e3}, {"MB/s", 1e6}, {"MB/min", 1e6 / 60}};

bool read(std::string_view text, const Factors& units, double& to) {
  const auto found = quantity(text);
  if (!found || !units.contains(found->unit)) return false;
  to = found->number * units.at(found->unit);
  return true;
}

bool read_share(std::string_view text, double& to) { return read(text, kShares, to) && to <= 1; }

bool read_time(std::string_view text, std::chrono::duration<double>& to) {
  double value = 0;
  if (!read(text, kTimes, value)) return false;
  to = std::chrono::duration<double>(value);
  return true;
}

bool read_fail_path(std::string_view text, Behaviour& b) {
  const auto at = text.find('@');
  b.fail_path = text.substr(0, at);
  if (at != text.npos && !read_share(text.substr(at + 1), b.fail_path_share)) return false;
  return b.fail_path.starts_with('/');
}

using Reader = std::function<bool(std::string_view, Behaviour&)>;

const std::map<std::string_view, Reader>& readers() {
  static const std::map<std::string_view, Reader> kReaders{
      {"good", [](auto v, Behaviour&) { return v.empty(); }},
      {"fail", [](auto v, Behaviour& b) { return read_share(v, b.fail); }},
      {"fail-path", [](auto v, Behaviour& b) { return read_fail_path(v, b); }},
      {"base-errors", [](auto v, Behaviour& b) { return read_share(v, b.base_errors); }},
      {"latency", [](auto v, Behaviour& b) { return read_time(v, b.latency); }},
      {"slow", [](auto v, Behaviour& b) { return read(v, kShares, b.slower); }},
      {"hang", [](auto v, Behaviour& b) { return read_share(v, b.hang); }},
      {"crash-after", [](auto v, Behaviour& b) { return read_time(v, b.crash_after); }},
      {"leak", [](auto v, Behaviour& b) { return read(v, kRates, b.leak_per_second); }},
      {"ready-after", [](auto v, Behaviour& b) { return read_time(v, b.ready_after); }},
      {"never-healthy", [](auto v, Behaviour& b) { return v.empty() && (b.never_healthy = true); }},
      {"fork", [](auto v, Behaviour& b) { return v.empty() && (b.forks = true); }},
  };
  return kReaders;
}

std::string known_words() {
  std::string all;
  for (const auto& [word, reader] : readers()) all += (all.empty() ? "" : " ") + std::string(word);
  return all;
}

davy::Result<> read_word(std::string_view word, Behaviour& to) {
  const auto equals = word.find('=');
  const auto reader = readers().find(word.substr(0, equals));
  const auto value = equals == word.npos ? std::string_view{} : word.substr(equals + 1);
  if (reader == readers().end())
    return davy::fail(davy::Code::invalid, fmt::format("\"{}\" is not a behaviour", word),
                      "known are: " + known_words());
  if (!reader->second(value, to))
    return davy::fail(davy::Code::invalid, fmt::format("\"{}\" has a value that does not fit", word),
                      "shares are like 20%, times like 2s or 5ms, rates like 20MB/s");
  return {};
}

}  // namespace

davy::Result<Behaviour> parse_behaviour(std::string_view words) {
  std::string spaced(words);
  std::ranges::replace(spaced, ',', ' ');
  std::istringstream in(spaced);
  Behaviour behaviour;
  for (std::string word; in >> word;)
    if (auto read = read_word(word, behaviour); !read) return std::unexpected(read.error());
  return behaviour;
}

davy::Result<std::string> words_for_version(const std::string& file, std::string_view version) {
  std::ifstream in(file);
  if (!in) return davy::fail(davy::Code::invalid, "cannot read " + file, "--versions names a file that is there");
  for (std::string line; std::getline(in, line);) {
    const auto text = davy::trimmed(std::string_view(line).substr(0, line.find('#')));
    const auto space = text.find_first_of(" \t");
    if (space != text.npos && text.substr(0, space) == version) return std::string(text.substr(space));
  }
  return "good";
}

Fate Dice::fate(std::string_view path) {
  if (happens(behaviour_.hang)) return Fate::hang;
  if (happens(behaviour_.fail) || happens(behaviour_.base_errors)) return Fate::fail;
  if (path == behaviour_.fail_path && happens(behaviour_.fail_path_share)) return Fate::fail;
  return Fate::answer;
}

// Half of it fixed, the rest exponential: the median is near `latency`, the 95th percentile near 2 × of it.
std::chrono::nanoseconds Dice::latency() {
  const double jitter = 0.5 + 0.5 * std::exponential_distribution<>(1)(random_);
  const auto taken = behaviour_.latency * (jitter * (1 + behaviour_.slower));
  return std::chrono::duration_cast<std::chrono::nanoseconds>(taken);
}

}  // namespace storefront
