#include "backups/redis/restore.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include "backups/copy/packing.h"
#include "backups/redis/loading.h"
#include "backups/redis/told.h"
#include "base/text.h"

namespace davy::backups {
namespace {

using namespace std::chrono_literals;
using Command = RedisSession::Command;

constexpr auto kMoment = 5s;
constexpr auto kAgain = 100ms;
constexpr std::int64_t kMostDatabases = 10'000;
constexpr const char* kLoading = "davy:restoring";  // a key that a database has while it is filled

std::string text(std::int64_t number) { return std::to_string(number); }

// "id=5 addr=10.0.0.5:4711 … name=shop age=12 … cmd=get …", as people read it.
std::string client(std::string_view line) {
  auto field = [&](std::string_view name) {
    for (auto one : split(line, ' '))
      if (one.starts_with(name) && one.substr(name.size()).starts_with('=')) return one.substr(name.size() + 1);
    return std::string_view();
  };
  auto name = field("name");
  return printable(fmt::format("{} from {}, for {} s", name.empty() ? "a client" : name, field("addr"), field("age")));
}

class Restoring {
 public:
  Restoring(const Shelf& shelf, const Copy& copy, const RedisSource& source, const std::string& key, Progress& progress,
            RedisSession target)
      : shelf_(shelf), copy_(copy), source_(source), progress_(progress), target_(std::move(target)) {
    marker_ = "davy:before:" + sha256_of_text(key).substr(0, 16);
  }

  Result<RedisRestored> go(const std::string& in) {
    if (auto fits = look(); !fits) return std::unexpected(fits.error());
    auto done = find_done();
    if (!done) return std::unexpected(done.error());
    if (*done) return out_;
    auto went = beside(in);
    if (went) went = swap();
    if (went) return out_;
    if (!forget()) went.error().message += "; the databases that it was loaded into may be left behind";
    return std::unexpected(went.error());
  }

 private:
  Result<RedisTold> told(RedisSession& s) {
    auto info = s.ask({"INFO"});
    if (!info) return std::unexpected(info.error());
    return redis_told(*info);
  }
  Result<bool> has(std::int64_t database, const std::string& key) {
    auto found = target_.ask_all({{"SELECT", text(database)}, {"EXISTS", key}});
    if (!found) return std::unexpected(found.error());
    return *found == "1";
  }

  void kept_in(std::int64_t database) {
    out_.before += fmt::format("{}database {}", out_.before.empty() ? "" : ", ", database);
  }

  Result<> look() {
    auto now = told(target_);
    if (!now) return std::unexpected(now.error());
    auto why = not_copied(*now);
    if (why) return fail(why->code, fmt::format("Redis at {} is not restored: {}", source_.place.shown, why->message));
    now_ = *std::move(now);
    return check_sums(copy_);
  }

  // A database with our marker is what stood there before.
  Result<bool> find_done() {
    for (auto& one : now_.databases) {
      auto before = has(one.index, marker_);
      if (!before) return before;
      if (*before) out_.already = true, kept_in(one.index);
    }
    return out_.already;
  }

  // Who only looks in (a signal of the plan, a monitor) is gone in a moment.
  Result<> nobody_is_connected() {
    auto own = target_.ask({"CLIENT", "ID"});
    if (!own) return std::unexpected(own.error());
    for (auto last = std::chrono::steady_clock::now() + kMoment;; std::this_thread::sleep_for(kAgain)) {
      auto list = target_.ask({"CLIENT", "LIST", "TYPE", "normal"});
      if (!list) return std::unexpected(list.error());
      std::vector<std::string> who;
      for (auto line : split(trimmed(*list), '\n'))
        if (!line.starts_with("id=" + *own + " ")) who.push_back(client(trimmed(line)));
      if (who.empty()) return {};
      if (std::chrono::steady_clock::now() < last) continue;
      return fail(Code::refused,
                  fmt::format("{} is in use by {}{}; it is as it was", source_.place.shown, who.front(),
                              who.size() > 1 ? fmt::format(" and {} more", who.size() - 1) : ""),
                  "stop what uses it");
    }
  }

  // What an earlier try of ours left half filled is empty again.
  Result<> forget() {
    auto now = told(target_);
    if (!now) return std::unexpected(now.error());
    for (auto& one : now->databases) {
      auto half = target_.ask_all({{"SELECT", text(one.index)}, {"GET", kLoading}});
      if (half && *half == shelf_.place()) half = target_.ask({"FLUSHDB", "SYNC"}, 600s);
      if (!half && half.error().code != Code::invalid) return std::unexpected(half.error());  // invalid: no text there
    }
    return {};
  }

  // For each database that has keys, or had, a free one.
  Result<> choose() {
    if (auto gone = forget(); !gone) return gone;
    auto now = told(target_);
    if (!now) return std::unexpected(now.error());
    now_ = *std::move(now);
    std::set<std::int64_t> used;
    for (auto& one : copy_.manifest.databases) used.insert(one.index);
    for (auto& one : now_.databases) used.insert(one.index);
    std::int64_t free = 0;
    for (auto index : used) {
      while (used.contains(free)) ++free;
      if (free >= kMostDatabases || !target_.ask({"SELECT", text(free)}))
        return fail(Code::refused,
                    fmt::format("{} has too few databases to load the copy beside what stands: {} more are needed",
                                source_.place.shown, used.size() - beside_.size()),
                    "a larger `databases` in its configuration");
      beside_[index] = free++;
    }
    return {};
  }

  Result<> has_memory(RedisSession& scratch) {
    auto needs = told(scratch);
    if (!needs) return std::unexpected(needs.error());
    if (auto differs = differences(copy_.manifest.databases, copy_.manifest.functions, *needs); !differs.empty())
      return fail(Code::invalid, "the copy is not what was copied: " + differs.front());
    if (now_.most == 0 || now_.memory + needs->memory <= now_.most) return {};
    return fail(Code::no_space,
                fmt::format("what stands and the copy beside it do not fit into the {} that {} may use",
                            human(Bytes{now_.most}), source_.place.shown),
                "a larger `maxmemory`, for a while");
  }

  Result<> beside(const std::string& in) {
    if (auto alone = nobody_is_connected(); !alone) return alone;
    if (auto chosen = choose(); !chosen) return chosen;
    auto began = io::boot_time();
    progress_.stage("restore", copy_.manifest.unpacked());
    auto scratch = RedisScratch::start(shelf_, in, copy_, progress_);
    if (!scratch) return std::unexpected(scratch.error());
    auto session = scratch->session();
    if (!session) return std::unexpected(session.error());
    if (auto fits = has_memory(*session); !fits) return fits;
    for (auto& one : copy_.manifest.databases)
      if (auto loaded = load(*session, one); !loaded) return loaded;
    if (auto same = take_functions(*session); !same) return same;
    out_.restore = io::boot_time() - began, began = io::boot_time();
    progress_.stage("compare");
    auto well = compared();
    out_.compare = io::boot_time() - began;
    auto gone = scratch->close();
    return well ? gone : well;
  }

  Result<> load(RedisSession& scratch, const Keyspace& from) {
    auto marked = target_.ask_all({{"SELECT", text(beside_[from.index])}, {"SET", kLoading, shelf_.place()}});
    if (!marked) return std::unexpected(marked.error());
    auto came = load_keys(scratch, from.index, target_, progress_);
    if (!came) return std::unexpected(came.error());
    ++out_.databases, out_.keys += *came;
    return {};
  }

  // They belong to no database, so they take their place with the rest.
  Result<> take_functions(RedisSession& scratch) {
    auto was = scratch.ask({"FUNCTION", "DUMP"}), is = target_.ask({"FUNCTION", "DUMP"});
    if (!was || !is) return copy_.manifest.functions == 0 ? Result<>() : std::unexpected((was ? is : was).error());
    before_ = *is;
    if (*was != *is) functions_ = *was;
    return {};
  }

  // Keys that never expire are all there, and no other; of those that do, some are gone by now.
  Result<> compared() {
    auto now = told(target_);
    if (!now) return std::unexpected(now.error());
    for (auto& one : copy_.manifest.databases) {
      auto found = std::ranges::find(now->databases, beside_[one.index], &Keyspace::index);
      auto keys = found == now->databases.end() ? 0 : found->keys - 1;  // kLoading is none of them
      auto expiring = found == now->databases.end() ? 0 : found->expiring;
      if (keys - expiring != one.keys - one.expiring || expiring > one.expiring)
        return fail(Code::invalid,
                    fmt::format("what was restored is not what was copied: database {} has {} keys that never expire, "
                                "and had {}",
                                one.index, keys - expiring, one.keys - one.expiring));
    }
    return {};
  }

  // The marker is in what stood there; with it the functions that were.
  Result<> swap() {
    progress_.stage("swap");
    if (beside_.empty()) return {};
    std::vector<Command> all{{"MULTI"}};
    for (auto& [index, free] : beside_) {
      all.push_back({"SELECT", text(free)}), all.push_back({"DEL", kLoading});
      all.push_back({"SWAPDB", text(index), text(free)}), all.push_back({"SET", marker_, before_});
      kept_in(free);
    }
    if (functions_ && functions_->empty()) all.push_back({"FUNCTION", "FLUSH"});
    if (functions_ && !functions_->empty()) all.push_back({"FUNCTION", "RESTORE", *functions_, "FLUSH"});
    all.push_back({"EXEC"});
    if (auto alone = nobody_is_connected(); !alone) return alone;
    auto went = target_.ask_all(all, 600s);
    if (!went) return std::unexpected(went.error());
    auto there = has(beside_.begin()->second, marker_);
    if (!there) return std::unexpected(there.error());
    return *there ? Result<>() : fail(Code::invalid, "Redis did not exchange the databases");
  }

  const Shelf& shelf_;
  const Copy& copy_;
  const RedisSource& source_;
  Progress& progress_;
  RedisSession target_;
  RedisTold now_;
  std::map<std::int64_t, std::int64_t> beside_;  // of a database, the free one that it is loaded into
  std::optional<std::string> functions_;         // where they are others than now
  std::string marker_, before_;                  // before_: the functions that stand
  RedisRestored out_;
};

}  // namespace

Result<RedisRestored> restore_redis(const Shelf& shelf, const Copy& copy, const RedisSource& source,
                                    const std::string& key, const std::string& scratch, Progress& progress) {
  auto& of = copy.manifest.source.at;
  if (of != source.place.shown)
    return fail(Code::invalid,
                fmt::format("the copy is one of {}, and the address that of {}", of, source.place.shown));
  auto target = RedisSession::open(source);
  if (!target) return std::unexpected(target.error());
  return Restoring(shelf, copy, source, key, progress, *std::move(target)).go(scratch);
}

}  // namespace davy::backups
