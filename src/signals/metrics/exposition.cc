#include "signals/metrics/exposition.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/text.h"

namespace davy::signals {
namespace {

// Which bytes may stand in a name: bit 0 first, bit 1 later, bit 2 in a label's name (no colon).
constexpr auto kNameBytes = [] {
  std::array<std::uint8_t, 256> out{};
  for (int c = 0; c < 256; ++c) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_', digit = c >= '0' && c <= '9';
    out[static_cast<std::size_t>(c)] =
        static_cast<std::uint8_t>((letter || c == ':') | (letter || digit || c == ':') << 1 | (letter || digit) << 2);
  }
  return out;
}();
bool is(char c, std::uint8_t bit) { return kNameBytes[static_cast<unsigned char>(c)] & bit; }
constexpr std::uint8_t kFirst = 1, kLater = 2, kLabel = 4;

struct Cursor {
  const char* at;
  const char* end;
  bool done() const { return at == end; }
  bool blank() const { return at != end && (*at == ' ' || *at == '\t'); }
  void blanks() {
    while (blank()) ++at;
  }
  bool take(char c) { return at != end && *at == c && (++at, true); }
  std::string_view while_is(std::uint8_t bit) {
    auto from = at;
    while (at != end && is(*at, bit)) ++at;
    return {from, at};
  }
  std::string_view word() {
    auto from = at;
    while (at != end && *at != ' ' && *at != '\t') ++at;
    return {from, at};
  }
};

bool same_letters(std::string_view a, std::string_view lower) {
  if (a.size() != lower.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if ((a[i] | 0x20) != lower[i]) return false;
  return true;
}

// Whole numbers, as most counters are, without from_chars's care for every digit of a fraction.
bool short_integer(std::string_view text, double& out) {
  if (text.empty() || text.size() > 15) return false;
  std::uint64_t n = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return false;
    n = n * 10 + static_cast<unsigned>(c - '0');
  }
  return out = static_cast<double>(n), true;
}

bool number(std::string_view text, double& out) {
  if (short_integer(text, out)) return true;
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text[0] == '-' || text[0] == '+') return false;
  if (same_letters(text, "inf") || same_letters(text, "infinity"))
    out = std::numeric_limits<double>::infinity();
  else if (same_letters(text, "nan"))
    out = std::numeric_limits<double>::quiet_NaN();
  else {
    if (text[0] != '.' && (text[0] < '0' || text[0] > '9')) return false;
    auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (stop != text.data() + text.size()) return false;
    if (error == std::errc::result_out_of_range)  // 1e999 or 1e-999: as Go reads them
      out = text.find("e-") != text.npos || text.find("E-") != text.npos ? 0 : std::numeric_limits<double>::infinity();
  }
  if (negative) out = -out;
  return true;
}

// From behind the opening quote to behind the closing one. Unknown escapes stay as they are, as Prometheus reads them.
bool quoted(Cursor& c, std::string_view& out, std::string& unescaped) {
  auto from = c.at;
  while (!c.done() && *c.at != '"' && *c.at != '\\') ++c.at;
  if (c.done()) return false;
  if (*c.at == '"') return out = {from, c.at++}, true;
  auto begin = unescaped.size();
  unescaped.append(from, c.at);
  for (; !c.done() && *c.at != '"'; ++c.at) {
    if (*c.at != '\\') {
      unescaped += *c.at;
      continue;
    }
    if (++c.at == c.end) return false;
    if (*c.at != 'n' && *c.at != '\\' && *c.at != '"') unescaped += '\\';
    unescaped += *c.at == 'n' ? '\n' : *c.at;
  }
  if (c.done()) return false;
  ++c.at;
  return out = std::string_view(unescaped).substr(begin), true;
}

bool labels(Cursor& c, std::vector<Label>& out, std::string& unescaped) {
  for (c.blanks(); !c.take('}'); c.blanks()) {
    if (out.size() == ExpositionReader::kMostLabels) return false;
    auto& label = out.emplace_back();
    if (c.done() || (*c.at >= '0' && *c.at <= '9')) return false;
    label.name = c.while_is(kLabel);
    c.blanks();
    if (label.name.empty() || !c.take('=')) return false;
    c.blanks();
    if (!c.take('"') || !quoted(c, label.value, unescaped)) return false;
    c.blanks();
    if (!c.take(',') && (c.done() || *c.at != '}')) return false;
  }
  return true;
}

// ` # {trace_id="x"} 0.67 1520879607.789`: nothing in it is needed, but it must be one.
bool exemplar(Cursor& c, std::string& unescaped) {
  std::vector<Label> ignored;
  c.blanks();
  if (!c.take('{') || !labels(c, ignored, unescaped)) return false;
  c.blanks();
  double value;
  if (!number(c.word(), value)) return false;
  c.blanks();
  return c.done() || (number(c.word(), value) && (c.blanks(), c.done()));
}

MetricType type_named(std::string_view word) {
  constexpr std::pair<std::string_view, MetricType> kTypes[] = {
      {"counter", MetricType::counter},     {"gauge", MetricType::gauge},
      {"histogram", MetricType::histogram}, {"gaugehistogram", MetricType::gauge_histogram},
      {"summary", MetricType::summary},     {"info", MetricType::info},
      {"stateset", MetricType::state_set}};
  for (auto& [name, type] : kTypes)
    if (name == word) return type;
  return MetricType::unknown;
}

}  // namespace

Exposition exposition_of(std::string_view content_type) {
  return content_type.starts_with("application/openmetrics-text") ? Exposition::openmetrics : Exposition::text;
}

std::string_view Sample::find(std::string_view label) const {
  for (auto& [name, value] : labels)
    if (name == label) return value;
  return {};
}

std::optional<double> exposition_number(std::string_view text) {
  double out;
  return number(text, out) ? std::optional(out) : std::nullopt;
}

bool parse_sample(std::string_view line, Exposition format, Sample& out, std::string& unescaped, bool* has_exemplar) {
  Cursor c{line.data(), line.data() + line.size()};
  c.blanks();
  out.labels.clear(), out.at.reset();
  unescaped.clear();
  if (line.find('\\') != line.npos) unescaped.reserve(line.size());  // views into it must stay valid
  if (c.done() || !is(*c.at, kFirst)) return false;
  out.name = c.while_is(kLater);
  bool spaced = c.blank();
  c.blanks();
  if (c.take('{')) {
    if (!labels(c, out.labels, unescaped)) return false;
    spaced = true;
  }
  c.blanks();
  if (!spaced || !number(c.word(), out.value)) return false;
  c.blanks();
  if (!c.done() && *c.at != '#') {
    double at;
    if (!number(c.word(), at) || !std::isfinite(at)) return false;
    out.at = format == Exposition::text ? at / 1000 : at;
    c.blanks();
  }
  if (c.done()) return true;
  if (!c.take('#') || !exemplar(c, unescaped)) return false;
  if (has_exemplar) *has_exemplar = true;
  return true;
}

ExpositionReader::ExpositionReader(Exposition format, See see) : format_(format), see_(std::move(see)) {}

void ExpositionReader::feed(std::string_view chunk) {
  while (!chunk.empty()) {
    auto end = static_cast<const char*>(std::memchr(chunk.data(), '\n', chunk.size()));
    auto part = chunk.substr(0, end ? static_cast<std::size_t>(end - chunk.data()) : chunk.size());
    chunk.remove_prefix(std::min(chunk.size(), part.size() + 1));
    if (!skipping_ && held_.size() + part.size() > kLongestLine) {
      broken(held_.empty() ? part : std::string_view(held_));
      held_.clear();
      skipping_ = true;
    }
    if (!end) {
      if (!skipping_) held_ += part;
      return;
    }
    if (skipping_)
      skipping_ = false;
    else if (held_.empty())
      line(part);
    else
      line(held_ += part), held_.clear();
  }
}

ExpositionTotals ExpositionReader::finish() {
  if (!held_.empty()) line(held_);
  held_.clear();
  skipping_ = false;
  return std::exchange(totals_, {});
}

void ExpositionReader::line(std::string_view text) {
  if (text.ends_with('\r')) text.remove_suffix(1);
  auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return;
  totals_.ended = false;  // nothing may follow the end
  if (text[first] == '#') return comment(text.substr(first + 1));
  bool has_exemplar = false;
  if (!parse_sample(text, format_, sample_, unescaped_, &has_exemplar)) return broken(text);
  ++totals_.samples;
  totals_.exemplars += has_exemplar;
  see_(sample_);
}

void ExpositionReader::comment(std::string_view text) {
  Cursor c{text.data(), text.data() + text.size()};
  c.blanks();
  auto keyword = c.word();
  c.blanks();
  totals_.ended = keyword == "EOF" && c.done();
  if (keyword != "TYPE") return;
  auto name = c.word();
  c.blanks();
  auto type = type_named(c.word());
  if (!name.empty() && types_.size() < kMostFamilies) types_.insert_or_assign(std::string(name), type);
}

void ExpositionReader::broken(std::string_view text) {
  if (totals_.broken++ == 0) totals_.first_broken = printable(text.substr(0, 80));
}

MetricType ExpositionReader::type(std::string_view family) const {
  auto found = types_.find(family);
  return found == types_.end() ? MetricType::unknown : found->second;
}

}  // namespace davy::signals
