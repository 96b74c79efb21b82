#include "spec/measure.h"

namespace davy::spec {
namespace {

constexpr std::pair<std::string_view, double> kPer[] = {{"/s", 1}, {"/min", 60}, {"/h", 3600}};

std::optional<Measure> whole(std::string_view name) {
  Measure out{.name = std::string(name)};
  if (name == "percent" || name == "share") {
    out.unit = Unit::ratio, out.factor = name == "percent" ? 0.01 : 1;
  } else if (auto length = duration_unit(name)) {
    out.unit = Unit::seconds, out.factor = seconds(*length);
  } else if (auto bytes = byte_unit(name)) {
    out.unit = Unit::bytes, out.factor = *bytes;
  } else if (!name.empty()) {
    return {};
  }
  return out;
}

}  // namespace

const Measure& Measures::of(std::string_view name) const {
  static const Measure kBare;
  auto named = by_name.find(name);
  return named != by_name.end() ? named->second : name.empty() ? own : kBare;
}

std::optional<double> in_base(Quantity found, const Measure& m) {
  if (found.unit != Unit::none) return found.unit == m.unit ? std::optional(found.value) : std::nullopt;
  // As conditions are read: 5 / 100 is 0.05, 5 * 0.01 is not.
  return m.factor == 0.01 ? found.value / 100 : found.value * m.factor;
}

bool comparable(const Condition& c, Unit has) {
  auto asked = c.value.unit;
  if (of_words(c.op) || c.op == Operator::rises || c.relative()) return true;
  if (of_slope(c.op))
    return asked == Unit::ratio_rate ||
           (asked == Unit::bytes_rate ? has == Unit::bytes : has == Unit::none || has == Unit::rate);
  if (asked == Unit::none && c.value.value == 0 && !of_range(c.op)) return true;
  return asked == has || (has == Unit::rate && asked == Unit::none);
}

std::string_view noun(Unit unit) {
  switch (unit) {
    case Unit::none:
      return "a bare number";
    case Unit::ratio:
    case Unit::ratio_rate:
      return "a share, such as 5%";
    case Unit::seconds:
      return "a duration, such as 300ms";
    case Unit::bytes:
      return "a size, such as 10 GB";
    case Unit::rate:
      return "a number per time, such as 2/s";
    case Unit::bytes_rate:
      return "a size per time, such as 1 MB/s";
  }
  return "a number";
}

std::optional<Measure> Leaf<Measure>::parse(const Value& v) {
  auto text = v.text() ? std::string_view(*v.text()) : std::string_view();
  if (text.empty()) return {};
  for (auto [per, length] : kPer) {
    if (!text.ends_with(per)) continue;
    auto out = whole(text.substr(0, text.size() - per.size()));
    if (!out || (out->unit != Unit::none && out->unit != Unit::bytes)) return {};
    return Measure{std::string(text), out->unit == Unit::bytes ? Unit::bytes_rate : Unit::rate, out->factor / length};
  }
  return whole(text);
}

bool Codec<Measures>::decode(const Value& v, Measures& out, Diagnostics& d) {
  if (!v.map()) return spec::decode(v, out.own, d);
  bool ok = true;
  for (auto& entry : *v.map()) ok &= spec::decode(entry.value, out.by_name[entry.key], d);
  return ok;
}

Json Codec<Measures>::encode(const Measures& m) {
  if (m.by_name.empty()) return spec::encode(m.own);
  auto out = Json::object();
  for (auto& [name, one] : m.by_name) out[name] = spec::encode(one);
  return out;
}

Json Codec<Measures>::schema() {
  return {{"anyOf", Json::array({spec::schema<Measure>(), spec::schema<std::map<std::string, Measure>>()})}};
}

}  // namespace davy::spec
