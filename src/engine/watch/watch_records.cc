#include "engine/watch/watch_records.h"

#include <fmt/format.h>

#include "watch/opening.h"

namespace davy::engine {

ports::Record record_of(const watch::Event& event, std::int64_t seq, Time at) {
  auto json = watch::encode(event);
  return {seq, at, std::string(watch::kind_of(event)), spec::dump(json.front())};
}

Result<watch::Event> watch_event_of(const ports::Record& record) {
  auto body = spec::parse_json(record.body);
  if (!body) return fail(Code::internal, fmt::format("watch entry {} is {}", record.seq, body.error().message));
  auto event = watch::decode(record.kind, *body, fmt::format("watch entry {}", record.seq));
  if (!event) event.error().hint = "a newer Davy may have written it: use that one";
  return event;
}

Result<WatchHistory> replay_watch(const std::vector<ports::Record>& records) {
  WatchHistory out;
  for (auto& record : records) {
    out.seq = record.seq;
    if (record.kind == "watch superseded") watch::a_run_took_it(out.state);
    if (ports::written_by_the_store(record)) continue;
    auto event = watch_event_of(record);
    if (!event) return std::unexpected(event.error());
    watch::fold(out.state, *event, record.at);
  }
  return out;
}

namespace {

ports::Opening opening_of(const watch::Began& began, const run::Runbook& book, Time at) {
  spec::Json services = spec::Json::array();
  ports::Opening out{.info = {.id = watch::id_of(began.run), .kind = ports::StreamKind::watch, .opened = at},
                     .first = {}};
  for (auto& subject : book.subjects) {
    services.push_back(subject.service);
    out.info.locks.push_back(ports::lock_of_watch(subject.service, book.environment));
  }
  out.info.about = spec::dump({{"run", began.run}, {"services", services}, {"environment", book.environment}});
  out.first = {record_of(began, 1, at)};
  return out;
}

}  // namespace

ports::After watch_after(const run::State& s, const run::Ended& end, const std::string& run, Time at) {
  ports::After out;
  auto began = watch::opened_by(s, end, run, at);
  // Of a release that users have no longer; where this run changed nothing, the watch of before goes on.
  bool ends_the_one_before =
      end.how == run::Ending::done || (end.how == run::Ending::rolled_back && !s.takes_back.empty());
  if (ends_the_one_before)
    for (auto& subject : s.runbook.subjects)
      out.supersede.push_back(
          {ports::lock_of_watch(subject.service, s.runbook.environment),
           ports::Close{"superseded",
                        fmt::format("run {} {}: {}", run, spec::encode(end.how).get<std::string>(), end.sentence)}});
  if (began) out.open.push_back(opening_of(*began, s.runbook, at));
  return out;
}

}  // namespace davy::engine
