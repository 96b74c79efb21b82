#include "store/bodies.h"

#include <fmt/format.h>

#include "spec/fields.h"
#include "spec/json.h"

namespace davy::store {

using namespace ports;

namespace {

struct OpenedBody {
  std::int64_t number = 0;
  std::vector<std::string> locks;
  spec::Value about;
};
struct SupersededBody {
  std::string by;
};
struct ClosedBody {
  std::string ending, sentence;
};

}  // namespace
}  // namespace davy::store

namespace davy::spec {

using namespace store;

template <>
inline constexpr auto kWords<ports::StreamKind> = words<ports::StreamKind>(
    {{"run", ports::StreamKind::run}, {"watch", ports::StreamKind::watch}, {"incident", ports::StreamKind::incident}});
template <>
inline constexpr auto kFields<OpenedBody> =
    std::tuple{required("number", &OpenedBody::number, "which stream of this state it is"),
               optional("locks", &OpenedBody::locks, "what it holds to its end"),
               required("about", &OpenedBody::about, "what it is about")};
template <>
inline constexpr auto kFields<SupersededBody> =
    std::tuple{required("by", &SupersededBody::by, "the stream that took its place")};
template <>
inline constexpr auto kFields<ClosedBody> = std::tuple{required("ending", &ClosedBody::ending, "how it ended"),
                                                       required("sentence", &ClosedBody::sentence, "for people")};
template <>
inline constexpr auto kFields<ports::RunInfo> =
    std::tuple{required("services", &ports::RunInfo::services, "what is deployed"),
               required("environment", &ports::RunInfo::environment, "where"),
               required("version", &ports::RunInfo::version, "the version"),
               optional("release", &ports::RunInfo::release, "the candidate's id"),
               optional("digest", &ports::RunInfo::digest, "of plan and environment"),
               optional("runbook-hash", &ports::RunInfo::runbook_hash, "SHA-256 of the runbook"),
               optional("who", &ports::RunInfo::who, "who deployed"),
               optional("why", &ports::RunInfo::why, "their reason"),
               optional("replaces", &ports::RunInfo::replaces, "the run whose locks it was to be given")};

}  // namespace davy::spec

namespace davy::store {
namespace {

template <class Body>
Record record_of(StreamKind kind, std::string_view word, Time at, const Body& body) {
  return {.at = at, .kind = fmt::format("{} {}", word_of(kind), word), .body = spec::dump(spec::encode(body))};
}

template <class Body>
Result<Body> parsed(const std::string& json, std::string_view what) {
  auto read = spec::parse_json(json);
  if (!read) return fail(Code::internal, fmt::format("{} is {}", what, read.error().message));
  auto body = spec::decoded<Body>(spec::from_json(*read), what);
  if (!body) return fail(Code::internal, body.error().message, "a newer Davy may have written it: use that one");
  return body;
}

template <class Body>
Result<Body> body_of(const Record& record, StreamKind kind, std::string_view word) {
  auto wanted = fmt::format("{} {}", word_of(kind), word);
  if (record.kind != wanted)
    return fail(Code::internal, fmt::format("record {} is `{}`, not `{}`", record.seq, record.kind, wanted));
  return parsed<Body>(record.body, fmt::format("record {}", record.seq));
}

}  // namespace

std::string_view word_of(StreamKind kind) {
  for (auto& [word, value] : spec::kWords<StreamKind>)
    if (value == kind) return word;
  return {};
}

std::optional<StreamKind> kind_of(std::string_view word) {
  for (auto& [known, value] : spec::kWords<StreamKind>)
    if (known == word) return value;
  return std::nullopt;
}

Record opened(const StreamInfo& info) {
  auto about = spec::parse_json(info.about);
  OpenedBody body{info.number, info.locks, about ? spec::from_json(*about) : spec::Value{}};
  return record_of(info.kind, "opened", info.opened, body);
}

Record superseded(StreamKind kind, Time at, const std::string& by) {
  return record_of(kind, "superseded", at, SupersededBody{by});
}

Record closed(StreamKind kind, Time at, const Close& close) {
  return record_of(kind, "closed", at, ClosedBody{close.ending, close.sentence});
}

Result<> read_opened(const Record& record, StreamInfo& out) {
  auto body = body_of<OpenedBody>(record, out.kind, "opened");
  if (!body) return std::unexpected(body.error());
  if (body->number != out.number)
    return fail(Code::internal,
                fmt::format("it began as number {}, and stands as number {}", body->number, out.number));
  out.locks = std::move(body->locks);
  out.about = spec::dump(spec::to_json(body->about));
  out.opened = record.at;
  return {};
}

Result<> read_closed(const Record& record, StreamInfo& out) {
  auto body = body_of<ClosedBody>(record, out.kind, "closed");
  if (!body) return std::unexpected(body.error());
  out.closed = record.at;
  out.ending = std::move(body->ending);
  out.sentence = std::move(body->sentence);
  return {};
}

StreamInfo stream_of(const RunInfo& run) {
  StreamInfo out{.id = run.id,
                 .kind = StreamKind::run,
                 .about = spec::dump(spec::encode(run)),
                 .opened = run.started,
                 .epoch = run.epoch};
  for (auto& service : run.services) out.locks.push_back(lock_of_service(service, run.environment));
  return out;
}

Result<RunInfo> run_of(const StreamInfo& stream) {
  auto run = parsed<RunInfo>(stream.about, fmt::format("what is known of run {}", stream.id));
  if (!run) return run;
  run->id = stream.id;
  run->started = stream.opened;
  run->ended = stream.closed;
  run->ending = stream.ending;
  run->sentence = stream.sentence;
  run->epoch = stream.epoch;
  run->seq = stream.seq;
  run->number = stream.number;
  return run;
}

}  // namespace davy::store
