// Any page, in chunks of any size, is the same page; an account of it never gives a number that nobody can read.
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "signals/metrics/scrape_account.h"

namespace {

using namespace davy;
using namespace davy::signals;

void require(bool held) {
  if (!held) std::abort();
}

struct Sum {
  std::uint64_t samples = 0, bytes = 0, labels = 0;
  ExpositionTotals totals;
  bool operator==(const Sum& o) const {
    return samples == o.samples && bytes == o.bytes && labels == o.labels && totals.broken == o.totals.broken &&
           totals.samples == o.totals.samples && totals.ended == o.totals.ended &&
           totals.exemplars == o.totals.exemplars;
  }
};

Sum read(std::string_view text, Exposition format, std::size_t chunk) {
  Sum out;
  ExpositionReader reader(format, [&](const Sample& s) {
    require(!s.name.empty() && s.labels.size() <= ExpositionReader::kMostLabels);
    require(!s.at || std::isfinite(*s.at));
    ++out.samples, out.bytes += s.name.size(), out.labels += s.labels.size();
    for (auto& [name, value] : s.labels) out.bytes += name.size() + 3 * value.size();
  });
  for (std::size_t at = 0; at < text.size(); at += chunk) reader.feed(text.substr(at, chunk));
  out.totals = reader.finish();
  require(out.samples == out.totals.samples);
  return out;
}

void check(const judge::Window& w) {
  for (auto& [series, by_label] : w.numbers)
    for (auto& [label, value] : by_label) require(!std::isnan(value));
  require(judge::decode(judge::encode(w)).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  auto format = data[0] & 1 ? Exposition::openmetrics : Exposition::text;
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  require(read(text, format, text.size() + 1) == read(text, format, 1 + data[0] / 2));

  auto line = text.substr(0, text.find('\n'));
  if (auto selector = parse_selector(line)) {
    auto again = parse_selector(selector->text);
    require(again && again->name == selector->name && again->matchers.size() == selector->matchers.size());
  }
  ScrapeRules rules{.ignore = {"/health*"}, .release_by = data[0] & 2 ? "version" : "a_info.version"};
  rules.series["own"] = {*parse_selector("a"), *parse_selector("b"), OwnSeries::As::usual};
  ScrapeAccount account(rules);
  auto half = text.size() / 2;
  ScrapedPage pages[] = {{"a:1", std::string(text.substr(0, half)), format}, {"b:1", std::string(text), format}};
  for (int i = 1; i < 4; ++i) {
    if (auto w = account.look(pages, Time(std::chrono::seconds(i)), Time(std::chrono::seconds(i + 1)))) check(*w);
    pages[0].text = text.substr(half);
  }
  return 0;
}
