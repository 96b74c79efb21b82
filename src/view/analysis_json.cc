#include "view/analysis.h"

namespace davy::view {
namespace {

using spec::Json;

Json latency(const judge::Tally& t) {
  Json out = Json::object();
  if (t.latency.count() == 0) return out;
  for (auto [name, q] : {std::pair{"p50_ms", 0.5}, {"p90_ms", 0.9}, {"p95_ms", 0.95}, {"p99_ms", 0.99}})
    out[name] = seconds(t.latency.quantile(q)) * 1e3;
  return out;
}

Json tally(const judge::Tally& t) {
  return {{"requests", t.requests},
          {"errors", t.errors},
          {"client_errors", t.client_errors},
          {"aborts", t.aborts},
          {"redispatched", t.redispatched}};
}

Json group(const AnalysisView::Group& g) {
  Json out{{"name", g.name}};
  out.update(tally(g.tally));
  Json classes = Json::object();
  constexpr const char* kNames[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
  for (std::size_t i = 0; i < g.classes.size(); ++i) classes[kNames[i]] = g.classes[i];
  out["classes"] = std::move(classes);
  out["latency"] = latency(g.tally);
  if (g.longest > Duration{}) out["latency"]["max_ms"] = seconds(g.longest) * 1e3;
  if (g.over > 0) out["requests_at_most"] = g.tally.requests + g.over;
  return out;
}

Json log(const AnalysisView::Log& one) {
  Json out{
      {"name", one.name}, {"format", one.format}, {"bytes", one.bytes}, {"lines", one.lines}, {"broken", one.broken}};
  if (!one.taken_for.empty()) out["taken_for"] = one.taken_for;
  if (one.broken > 0) out["first_broken"] = {{"line", one.broken_at}, {"text", one.broken_text}};
  return out;
}

Json comparison(const AnalysisView::Comparison& c) {
  auto side = [](const std::string& name, const judge::Tally& t) {
    Json out{{"name", name}};
    out.update(tally(t));
    out["latency"] = latency(t);
    return out;
  };
  return {{"verdict", c.verdict},
          {"sentence", c.sentence},
          {"evidence", c.evidence},
          {"bound", c.bound},
          {"ratio", c.ratio},
          {"by_client", c.by_client},
          {"baseline", side(c.baseline, c.before)},
          {"candidate", side(c.candidate, c.after)}};
}

}  // namespace

spec::Json to_json(const AnalysisView& v) {
  if (v.by.empty() && v.said) return {{"said", to_json(*v.said)}};
  Json out{{"by", v.by}};
  if (v.first && v.last) out["from"] = timestamp(*v.first), out["to"] = timestamp(*v.last);
  out["lines"] = v.lines, out["broken"] = v.broken, out["other"] = v.other, out["outside"] = v.outside;
  out["unreached"] = v.unreached;
  out["logs"] = Json::array(), out["groups"] = Json::array(), out["failing_paths"] = Json::array();
  for (auto& one : v.logs) out["logs"].push_back(log(one));
  for (auto& one : v.groups) out["groups"].push_back(group(one));
  out["all"] = group(v.total);
  for (auto& p : v.paths) {
    Json path{{"path", p.path}, {"errors", p.errors}, {"status", p.status}};
    if (p.over > 0) path["errors_at_least"] = p.errors - p.over;
    if (v.comparison) path["baseline"] = p.baseline, path["candidate"] = p.candidate;
    out["failing_paths"].push_back(std::move(path));
  }
  out["seconds_a_point"] = seconds(v.width);
  out["points"] = Json::array();
  for (auto& p : v.points) {
    Json point{{"from", timestamp(p.from)}, {"requests", p.all.requests}, {"errors", p.all.errors}};
    if (p.all.latency.count() > 0) point["p95_ms"] = seconds(p.all.latency.quantile(0.95)) * 1e3;
    out["points"].push_back(std::move(point));
  }
  if (v.comparison) out["comparison"] = comparison(*v.comparison);
  if (v.said) out["said"] = to_json(*v.said);
  out["took_seconds"] = seconds(v.took);
  out["bytes"] = v.bytes;
  return out;
}

}  // namespace davy::view
