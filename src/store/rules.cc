#include "store/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace davy::store {
namespace {

Result<> must_be_open(const RunInfo& run) {
  if (!run.ending) return {};
  return fail(Code::conflict,
              fmt::format("run {} has ended ({}): nothing more can be written to it", run.id, *run.ending));
}

Result<> must_end_at(const RunInfo& run, std::int64_t expected_seq) {
  if (run.seq == expected_seq) return {};
  return fail(Code::conflict,
              fmt::format("the journal of run {} has {} records, this Davy knows of {}", run.id, run.seq, expected_seq),
              "another Davy writes to it: this one must stop");
}

}  // namespace

Result<> may_create(const RunInfo& run) {
  if (run.id.empty()) return fail(Code::invalid, "a run needs an id");
  if (run.services.empty()) return fail(Code::invalid, fmt::format("run {} names no service to lock", run.id));
  auto sorted = run.services;
  std::ranges::sort(sorted);
  if (auto twice = std::ranges::adjacent_find(sorted); twice != sorted.end())
    return fail(Code::invalid, fmt::format("run {} names the service `{}` twice", run.id, printable(*twice)));
  return {};
}

Result<> may_append(const RunInfo& stored, std::int64_t epoch, std::int64_t expected_seq) {
  if (auto open = must_be_open(stored); !open) return open;
  if (stored.epoch != epoch)
    return fail(Code::conflict,
                fmt::format("run {} was taken over by another Davy (epoch {}, this one has {})", stored.id,
                            stored.epoch, epoch),
                fmt::format("this one must stop; `davy status {}` says who goes on", stored.id));
  return must_end_at(stored, expected_seq);
}

Result<> may_claim(const RunInfo& stored, std::int64_t epoch, std::int64_t expected_seq) {
  if (auto open = must_be_open(stored); !open) return open;
  if (epoch <= stored.epoch)
    return fail(Code::conflict,
                fmt::format("run {} was claimed by another Davy first (epoch {}, this one asked for {})", stored.id,
                            stored.epoch, epoch));
  return must_end_at(stored, expected_seq);
}

Result<> may_ask(const RunInfo& stored) {
  if (!stored.ending) return {};
  return fail(Code::refused,
              fmt::format("run {} has ended ({}): nobody reads its desk any more", stored.id, *stored.ending),
              fmt::format("`davy report {}` says how it went", stored.id));
}

std::unexpected<Error> lock_held(const std::string& service, const RunInfo& holder) {
  auto who = holder.who.empty() ? "somebody" : printable(holder.who);
  auto why = holder.why.empty() ? "" : fmt::format(", because \"{}\"", printable(holder.why));
  return fail(Code::refused,
              fmt::format("`{}` in {} is locked by run {}, which {} started at {}{}", printable(service),
                          printable(holder.environment), holder.id, who, timestamp(holder.started), why),
              fmt::format("`davy status {}` says how far it is", holder.id));
}

std::unexpected<Error> run_exists(const std::string& run) {
  return fail(Code::conflict, fmt::format("there is a run {} already", printable(run)), "try again: ids are random");
}

std::unexpected<Error> no_such_run(const std::string& run, std::span<const std::string> known) {
  std::vector<std::string_view> words(known.begin(), known.end());
  auto near = nearest(run, words);
  return fail(Code::invalid, fmt::format("there is no run {}", printable(run)),
              near.empty() ? "`davy history` lists them" : fmt::format("did you mean {}?", near));
}

}  // namespace davy::store
