#include "engine/run/records.h"

#include <fmt/format.h>

namespace davy::engine {

ports::Record record_of(const run::Event& event, std::int64_t seq, Time at) {
  auto json = run::encode(event);
  return {seq, at, std::string(run::kind_of(event)), spec::dump(json.front())};
}

Result<run::Event> event_of(const ports::Record& record) {
  auto body = spec::parse_json(record.body);
  if (!body) return fail(Code::internal, fmt::format("journal entry {} is {}", record.seq, body.error().message));
  auto event = run::decode(record.kind, *body, fmt::format("journal entry {}", record.seq));
  if (!event) event.error().hint = "a newer Davy may have written it: use that one";
  return event;
}

std::string text_of(const run::Speaker& who) { return spec::dump(spec::encode(who)); }

run::Speaker speaker_of(const ports::DeskEntry& entry) {
  auto json = spec::parse_json(entry.speaker);
  auto who = json ? spec::decoded<run::Speaker>(spec::from_json(*json), "speaker") : fail(Code::invalid, "");
  return who ? *who : run::Speaker{.who = entry.who};
}

Result<History> replay(const std::vector<ports::Record>& records) {
  History out;
  for (auto& record : records) {
    out.seq = record.seq;
    if (ports::written_by_the_store(record)) continue;
    auto event = event_of(record);
    if (!event) return std::unexpected(event.error());
    run::fold(out.state, *event, record.at);
  }
  return out;
}

}  // namespace davy::engine
