// The same facts for programs: times as RFC 3339, durations in seconds, shares from 0 to 1.
#include "judge/baselines.h"
#include "view/words.h"

namespace davy::view {
namespace {

using spec::Json;

Json time_json(std::optional<Time> t) { return t ? Json(timestamp(*t)) : Json(nullptr); }

Json numbers_json(const std::optional<Numbers>& n) {
  if (!n) return nullptr;
  return {{"requests_per_second", n->requests_per_second},
          {"error_rate", n->error_rate},
          {"p95_ms", n->p95_ms},
          {"requests", n->requests},
          {"errors", n->errors}};
}

Json subjects_json(const std::vector<run::Subject>& subjects) {
  auto out = Json::array();
  for (auto& s : subjects) out.push_back(spec::encode(s));
  return out;
}

Json rules_json(const std::vector<run::Rule>& rules) {
  auto out = Json::array();
  for (auto& r : rules) out.push_back(spec::encode(r));
  return out;
}

Json step_json(const StepView& s) {
  Json out{
      {"step", s.step}, {"path", s.path}, {"says", s.says}, {"status", word_of(s.status)}, {"attempts", s.attempts}};
  out["started"] = time_json(s.started);
  out["ended"] = time_json(s.ended);
  out["result"] = s.result;
  if (!s.output.empty()) out["output"] = s.output;
  if (!s.log.empty()) out["log"] = s.log;
  out["expected_seconds"] = seconds(s.expected);
  if (s.length > Duration{}) out["bake"] = {{"seconds", seconds(s.length)}, {"watched_seconds", seconds(s.watched)}};
  out["undo"] = s.undo;
  out["point_of_no_return"] = s.point_of_no_return;
  out["retreat_only"] = s.retreat_only;
  return out;
}

Json verdict_json(const VerdictView& v) {
  return {{"at", timestamp(v.at)},
          {"rule", v.rule},
          {"then", word(v.then)},
          {"sentence", v.sentence},
          {"evidence", spec::to_json(v.evidence)}};
}

}  // namespace

Json to_json(const RunView& v) {
  Json out{{"run", v.id},          {"environment", v.environment},
           {"version", v.version}, {"previous", v.previous},
           {"who", v.who},         {"hash", v.hash}};
  out["why"] = v.why, out["urgent"] = v.urgent;
  if (!v.takes_back.empty()) out["takes_back"] = v.takes_back;
  out["services"] = subjects_json(v.subjects);
  out["started"] = time_json(v.started);
  out["ended"] = time_json(v.ended);
  out["mode"] = word(v.mode);
  out["ending"] = v.ending ? Json(word(*v.ending)) : Json(nullptr);
  out[v.mode == run::Mode::held ? "question" : "sentence"] = v.question_or_sentence;
  out["next"] = v.next_command;
  out["commands"] = v.next;
  out["waits"] = v.waits;
  if (v.aside) out["waits"].push_back("stepped aside: " + v.aside->says);
  out["aside"] = v.aside ? Json{{"since", timestamp(v.aside->since)}, {"until", time_json(v.aside->until)}} : Json();
  out["held_about"] = v.held_about;
  out["maintenance"] = v.closed;
  out["share"] = v.share;
  for (auto& one : v.shares) out["shares"][one.service] = {{"candidate", one.candidate}, {"previous", one.previous}};
  out["candidate"] = numbers_json(v.candidate);
  out["before"] = numbers_json(v.before);
  out["blind"] = v.blind ? Json{{"since", timestamp(v.blind->since)}, {"why", v.blind->why}} : Json(nullptr);
  out["rules"] = rules_json(v.rules);
  out["steps"] = Json::array();
  for (auto& s : v.steps) out["steps"].push_back(step_json(s));
  out["verdicts"] = Json::array();
  for (auto& one : v.verdicts) out["verdicts"].push_back(verdict_json(one));
  out["people"] = v.people;
  return out;
}

Json runbook_json(const run::Runbook& book, std::string_view hash) {
  Json out{{"hash", hash}, {"environment", book.environment}, {"version", book.version}};
  out["services"] = subjects_json(book.subjects);
  out["rules"] = rules_json(book.rules);
  for (std::size_t i = 0; i < book.rules.size(); ++i)
    if (auto& when = book.rules[i].when; when.relative()) out["rules"][i]["against"] = judge::baseline_said(when, book);
  out["rollback_window_seconds"] = seconds(book.rollback_window);
  out["steps"] = Json::array();
  for (auto& s : book.steps) {
    Json step{{"path", s.path}, {"says", s.says}, {"wave", s.wave}, {"undo", undo_in_words(book, s)}};
    step["point_of_no_return"] = s.undo.kind == run::UndoKind::impossible;
    step["retreat_only"] = retreat_only(s);
    step["expected_seconds"] = seconds(s.expected);
    step["timeout_seconds"] = seconds(s.timeout);
    step["tries"] = s.tries;
    step["optional"] = s.optional;
    step["exposes"] = s.exposes();
    step["on_trouble"] = spec::encode(s.on_trouble);
    out["steps"].push_back(std::move(step));
  }
  return out;
}

}  // namespace davy::view
