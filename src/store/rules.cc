#include "store/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "judge/numbers/packing.h"
#include "spec/json.h"
#include "store/bodies.h"

namespace davy::store {
namespace {

std::string named(const StreamInfo& stream) { return fmt::format("{} {}", word_of(stream.kind), stream.id); }

Result<> must_be_open(const StreamInfo& stream) {
  if (!stream.ending) return {};
  return fail(Code::conflict,
              fmt::format("{} has ended ({}): nothing more can be written to it", named(stream), *stream.ending));
}

Result<> must_end_at(const StreamInfo& stream, std::int64_t expected_seq) {
  if (stream.seq == expected_seq) return {};
  return fail(
      Code::conflict,
      fmt::format("the journal of {} has {} records, this Davy knows of {}", named(stream), stream.seq, expected_seq),
      "another Davy writes to it: this one must stop");
}

Result<> none_twice(const std::string& owner, std::vector<std::string> words, std::string_view what) {
  std::ranges::sort(words);
  auto twice = std::ranges::adjacent_find(words);
  if (twice == words.end()) return {};
  return fail(Code::invalid, fmt::format("{} names the {} `{}` twice", owner, what, printable(*twice)));
}

}  // namespace

Result<> may_create(const RunInfo& run) {
  if (run.id.empty()) return fail(Code::invalid, "a run needs an id");
  if (run.services.empty()) return fail(Code::invalid, fmt::format("run {} names no service to lock", run.id));
  return none_twice("run " + run.id, run.services, "service");
}

Result<> may_open(const ports::Opening& opening) {
  auto& info = opening.info;
  if (info.id.empty()) return fail(Code::invalid, fmt::format("a stream of kind {} needs an id", word_of(info.kind)));
  if (info.kind == ports::StreamKind::run)
    return fail(Code::invalid, fmt::format("run {} was to begin beside another stream", info.id),
                "a run is begun by itself: it demands room on the disk, and supersedes watches");
  if (auto about = spec::parse_json(info.about); !about)
    return fail(Code::invalid, fmt::format("what {} is about is {}", named(info), about.error().message));
  return none_twice(named(info), info.locks, "lock");
}

Result<> may_write(const std::vector<ports::Record>& records) {
  auto own = std::ranges::find_if(records, ports::written_by_the_store);
  if (own == records.end()) return {};
  return fail(Code::invalid, fmt::format("a record `{}` is the store's own to write", own->kind));
}

Result<> may_append(const StreamInfo& stored, std::int64_t epoch, std::int64_t expected_seq) {
  if (auto open = must_be_open(stored); !open) return open;
  if (stored.epoch != epoch)
    return fail(Code::conflict,
                fmt::format("{} was taken over by another Davy (epoch {}, this one has {})", named(stored),
                            stored.epoch, epoch),
                fmt::format("this one must stop; `davy status {}` says who goes on", stored.id));
  return must_end_at(stored, expected_seq);
}

Result<> may_claim(const StreamInfo& stored, std::int64_t epoch, std::int64_t expected_seq) {
  if (auto open = must_be_open(stored); !open) return open;
  if (epoch <= stored.epoch)
    return fail(Code::conflict, fmt::format("{} was claimed by another Davy first (epoch {}, this one asked for {})",
                                            named(stored), stored.epoch, epoch));
  return must_end_at(stored, expected_seq);
}

Result<> may_replace(const RunInfo& run, const StreamInfo& held_by) {
  if (held_by.kind != ports::StreamKind::run) return no_run(held_by);
  if (held_by.ending) return fail(Code::refused, fmt::format("run {} has ended: {}", held_by.id, held_by.sentence));
  for (auto& service : run.services)
    if (std::ranges::count(held_by.locks, ports::lock_of_service(service, run.environment)) == 0)
      return fail(Code::refused, fmt::format("run {} does not ship {} to {}", held_by.id, service, run.environment));
  return {};
}

Result<> may_give(const StreamInfo& stored, const std::string& resource, const std::optional<std::string>& holder) {
  if (holder != stored.id)
    return fail(Code::invalid, fmt::format("{} does not hold the lock of {}", named(stored), printable(resource)));
  if (std::ranges::count(stored.locks, resource) > 0)
    return fail(Code::invalid,
                fmt::format("{} holds the lock of {} until it ends", named(stored), printable(resource)));
  return {};
}

Result<> may_ask(const StreamInfo& stored) {
  if (!stored.ending) return {};
  return fail(Code::refused,
              fmt::format("{} has ended ({}): nobody reads its desk any more", named(stored), *stored.ending),
              fmt::format("`davy report {}` says how it went", stored.id));
}

Result<> may_advance(const StreamInfo& stored, std::int64_t seq) {
  if (seq >= 0 && seq <= stored.seq) return {};
  return fail(Code::invalid,
              fmt::format("a reader of {} claims to have read record {} of {}", named(stored), seq, stored.seq));
}

Result<> may_be_kept(const ports::Sample& sample) {
  if (judge::weight_of(sample).within(judge::kMostPacked)) return {};
  return fail(Code::invalid, fmt::format("the sample of {} is too large to be kept", timestamp(sample.from)));
}

std::unexpected<Error> run_in_the_way(const std::string& service, const RunInfo& holder) {
  if (!holder.damage.empty())
    return fail(Code::internal, holder.damage + fmt::format(": whether it deploys `{}`, nobody can tell", service));
  auto who = holder.who.empty() ? "somebody" : printable(holder.who);
  auto why = holder.why.empty() ? "" : fmt::format(", because \"{}\"", printable(holder.why));
  return fail(Code::refused,
              fmt::format("`{}` in {} is locked by run {}, which {} started at {}{}", printable(service),
                          printable(holder.environment), holder.id, who, timestamp(holder.started), why),
              fmt::format("`davy status {}` says how far it is", holder.id));
}

std::unexpected<Error> lock_held(const std::string& resource, const StreamInfo& holder) {
  return fail(Code::refused,
              fmt::format("{} is locked by {}, which began at {}", printable(resource), named(holder),
                          timestamp(holder.opened)),
              fmt::format("`davy status {}` says how far it is", holder.id));
}

std::unexpected<Error> stream_exists(const std::string& id) {
  return fail(Code::conflict, fmt::format("there is a stream {} already", printable(id)), "try again: ids are random");
}

std::unexpected<Error> no_such_stream(const std::string& id, std::span<const std::string> known) {
  std::vector<std::string_view> words(known.begin(), known.end());
  auto near = nearest(id, words);
  return fail(Code::invalid, fmt::format("there is no run {}", printable(id)),
              near.empty() ? "`davy history` lists them" : fmt::format("did you mean {}?", near));
}

std::unexpected<Error> no_run(const StreamInfo& stream) {
  return fail(Code::invalid, fmt::format("{} is no run", named(stream)), "`davy history` lists the runs");
}

}  // namespace davy::store
