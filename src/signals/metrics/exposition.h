// The pages that exporters show: Prometheus text format 0.0.4 and OpenMetrics 1.0.0 (prometheus.io/docs/instrumenting/
// exposition_formats; github.com/OpenObservability/OpenMetrics, specification/OpenMetrics.md). By the line, in chunks
// of any size, in bounded memory; what it cannot read is counted, never fatal.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace davy::signals {

enum class Exposition { text, openmetrics };

// By the Content-Type of the answer; what is unknown is text.
Exposition exposition_of(std::string_view content_type);

struct Label {
  std::string_view name, value;  // the value unescaped
  bool operator==(const Label&) const = default;
};

// Valid while it is being handed over.
struct Sample {
  std::string_view name;
  std::vector<Label> labels;                            // in the order of the page
  double value = 0;                                     // may be NaN or infinite
  std::optional<double> at;                             // seconds since 1970, where the page says so
  std::string_view find(std::string_view label) const;  // empty when it has none: Prometheus sees no difference
};

enum class MetricType { unknown, counter, gauge, histogram, gauge_histogram, summary, info, state_set };

struct ExpositionTotals {
  std::uint64_t samples = 0;
  std::uint64_t broken = 0;  // lines that are neither a sample nor a comment
  std::string first_broken;  // its beginning, printable
  bool ended = false;        // `# EOF` was the last line; OpenMetrics demands it, so without it the page was cut off
  std::uint64_t exemplars = 0;
};

class ExpositionReader {
 public:
  static constexpr std::size_t kLongestLine = 64 * 1024;
  static constexpr std::size_t kMostLabels = 64;
  static constexpr std::size_t kMostFamilies = 20'000;  // whose TYPE is remembered

  using See = std::function<void(const Sample&)>;
  ExpositionReader(Exposition, See);

  void feed(std::string_view chunk);
  ExpositionTotals finish();  // reads what is left as the last line

  // By the family's name, which of a counter in OpenMetrics lacks `_total`.
  MetricType type(std::string_view family) const;

 private:
  void line(std::string_view);
  void comment(std::string_view);
  void broken(std::string_view);

  Exposition format_;
  See see_;
  Sample sample_;
  ExpositionTotals totals_;
  std::string held_;       // the beginning of a line whose end has not come
  bool skipping_ = false;  // inside a line that was too long
  std::string unescaped_;
  std::map<std::string, MetricType, std::less<>> types_;
};

// "1", "2.5e-3", "+Inf", "NaN"; nothing for what is no number.
std::optional<double> exposition_number(std::string_view);

// One sample line into `out`; `unescaped` holds the values that had escapes. False: it is none. exemplar: told when one
// followed.
bool parse_sample(std::string_view line, Exposition, Sample& out, std::string& unescaped, bool* exemplar = nullptr);

}  // namespace davy::signals
