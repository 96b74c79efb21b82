// Reading a canary configuration. Kayenta takes what it does not understand for its default, silently; here it is taken
// so too, and noted.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/text.h"
#include "judge/kayenta/kayenta.h"
#include "spec/json.h"

namespace davy::judge::kayenta {
namespace {

using spec::Json;

const Json* find(const Json& in, std::string_view key) {
  if (!in.is_object()) return nullptr;
  auto found = in.find(key);
  return found == in.end() || found->is_null() ? nullptr : &*found;
}

const Json& child(const Json& in, std::string_view key) {
  static const Json nothing = Json::object();
  auto found = find(in, key);
  return found ? *found : nothing;
}

// Reads the fields of one place and notes what is not what it should be.
class Reader {
 public:
  Reader(const Json& from, std::string where, std::vector<std::string>& notes)
      : from_(from), where_(std::move(where)), notes_(notes) {}

  double number(std::string_view key, double otherwise) {
    auto found = find(from_, key);
    if (!found) return otherwise;
    if (found->is_number() && std::isfinite(found->get<double>())) return found->get<double>();
    note(key, "is not a number", fmt::format("{}", otherwise));
    return otherwise;
  }
  bool yes(std::string_view key) {
    auto found = find(from_, key);
    if (!found) return false;
    if (found->is_boolean()) return found->get<bool>();
    note(key, "is neither true nor false", "false");
    return false;
  }
  template <class T>
  T word(std::string_view key, std::initializer_list<std::pair<std::string_view, T>> words) {
    auto found = find(from_, key);
    if (!found) return words.begin()->second;
    auto text = found->is_string() ? found->get<std::string>() : std::string(found->type_name());
    for (auto& [word, value] : words)
      if (text == word) return value;
    note(key, fmt::format("`{}` is unknown", printable(text.substr(0, 40))), words.begin()->first);
    return words.begin()->second;
  }

 private:
  void note(std::string_view key, std::string_view what, std::string_view taken) {
    notes_.push_back(fmt::format("{}: {} {}; taken for {}", where_, key, what, taken));
  }
  const Json& from_;
  std::string where_;
  std::vector<std::string>& notes_;
};

void read_effect(const Json& canary, Metric& metric, std::vector<std::string>& notes) {
  Reader in(child(canary, "effectSize"), metric.name, notes);
  metric.effect = in.word(
      "measure", {std::pair<std::string_view, Effect>{"meanRatio", Effect::mean_ratio}, {"cles", Effect::superiority}});
  double none = metric.effect == Effect::superiority ? 0.5 : 1;
  metric.allowed_increase = in.number("allowedIncrease", none);
  metric.allowed_decrease = in.number("allowedDecrease", none);
  metric.critical_increase = in.number("criticalIncrease", none);
  metric.critical_decrease = in.number("criticalDecrease", none);
}

void read_analysis(const Json& canary, Metric& metric, std::vector<std::string>& notes) {
  Reader in(canary, metric.name, notes);
  metric.direction = in.word("direction", {std::pair<std::string_view, Direction>{"either", Direction::either},
                                           {"increase", Direction::increase},
                                           {"decrease", Direction::decrease}});
  metric.nan = in.word(
      "nanStrategy",
      {std::pair<std::string_view, Nan>{"remove", Nan::remove}, {"replace", Nan::replace}, {"none", Nan::remove}});
  metric.critical = in.yes("critical");
  metric.must_have_data = in.yes("mustHaveData");
  metric.muted = in.yes("muted");
  Reader outliers(child(canary, "outliers"), metric.name, notes);
  metric.remove_outliers =
      outliers.word("strategy", {std::pair<std::string_view, bool>{"keep", false}, {"remove", true}});
  metric.outlier_factor = outliers.number("outlierFactor", 3);
  read_effect(canary, metric, notes);
}

Result<Metric> read_metric(const Json& from, std::size_t index, std::vector<std::string>& notes) {
  auto name = find(from, "name");
  if (!name || !name->is_string() || name->get<std::string>().empty())
    return fail(Code::invalid, fmt::format("reading the canary configuration: metric {} has no name", index + 1));
  Metric out{.name = printable(name->get<std::string>())};
  static const Json none = Json::array();
  const auto& given = child(from, "groups");
  for (const auto& groups = given.is_array() ? given : none; auto& group : groups)
    if (group.is_string())
      out.groups.push_back(printable(group.get<std::string>()));
    else
      notes.push_back(out.name + ": a group that is no text is left out");
  if (out.groups.empty()) notes.push_back(out.name + ": in no group, so it does not count in the score");
  auto analysis = find(from, "analysisConfigurations");
  read_analysis(child(analysis ? *analysis : child(from, "extensions"), "canary"), out, notes);
  return out;
}

Result<void> read_metrics(const Json& from, Config& out) {
  auto metrics = find(from, "metrics");
  if (!metrics || !metrics->is_array() || metrics->empty())
    return fail(Code::invalid, "reading the canary configuration: it has no `metrics`",
                "a Kayenta canary configuration has a list of them");
  std::set<std::string> names;
  for (std::size_t i = 0; i < metrics->size(); ++i) {
    auto metric = read_metric((*metrics)[i], i, out.notes);
    if (!metric) return std::unexpected(metric.error());
    if (!names.insert(metric->name).second)
      return fail(Code::invalid, "reading the canary configuration: two metrics are called " + metric->name);
    out.metrics.push_back(std::move(*metric));
  }
  return {};
}

Result<void> read_weights(const Json& from, Config& out) {
  const auto& given = child(from, "groupWeights");
  static const Json none = Json::object();
  const auto& weights = given.is_object() ? given : none;  // never a copy: it would follow any depth of nesting
  double all = 0;
  for (auto& [group, weight] : weights.items()) {
    if (!weight.is_number() || !(weight.get<double>() >= 0 && weight.get<double>() <= 100))
      return fail(Code::invalid,
                  fmt::format("reading the canary configuration: the weight of group {} is no number from 0 to 100",
                              printable(group)));
    all += out.group_weights[printable(group)] = weight.get<double>();
  }
  std::set<std::string> used;
  for (auto& metric : out.metrics) used.insert(metric.groups.begin(), metric.groups.end());
  for (auto& [group, weight] : out.group_weights)
    if (!used.contains(group))
      out.notes.push_back(
          fmt::format("group {} has a weight and no metric: {:.4g} of 100 can never be reached", group, weight));
  bool unweighted = std::ranges::any_of(used, [&](auto& g) { return !out.group_weights.contains(g); });
  if (all > 100 + 1e-6)
    return fail(
        Code::invalid,
        fmt::format("reading the canary configuration: the group weights add up to {:.6g}, more than 100", all));
  if (!unweighted && all < 100 - 1e-6)
    out.notes.push_back(fmt::format("the group weights add up to {:.4g}: no canary can score more", all));
  return {};
}

void read_thresholds(const Json& from, Config& out) {
  Reader in(from, "scoreThresholds", out.notes);
  out.pass = in.number("pass", out.pass);
  out.marginal = in.number("marginal", out.marginal);
}

}  // namespace

Result<Config> parse(std::string_view text) {
  auto json = spec::parse_json(text);
  if (!json) return std::unexpected(json.error());
  auto inner = find(*json, "canaryConfig");
  const Json& config = inner ? *inner : *json;
  Config out;
  if (auto name = find(config, "name"); name && name->is_string()) out.name = printable(name->get<std::string>());
  if (auto read = read_metrics(config, out); !read) return std::unexpected(read.error());
  auto& classifier = child(config, "classifier");
  if (auto read = read_weights(classifier, out); !read) return std::unexpected(read.error());
  read_thresholds(child(classifier, "scoreThresholds"), out);
  read_thresholds(child(child(*json, "executionRequest"), "thresholds"), out);
  Reader judge(child(config, "judge"), "judge", out.notes);
  judge.word("name", {std::pair<std::string_view, bool>{"NetflixACAJudge-v1.0", true}});
  return out;
}

}  // namespace davy::judge::kayenta
