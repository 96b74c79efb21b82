#include "backups/redis/copy.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "backups/copy/packing.h"
#include "backups/copy/room.h"
#include "backups/redis/told.h"
#include "base/text.h"

namespace davy::backups {
namespace {

using namespace std::chrono_literals;

constexpr const char* kDump = "database.rdb.zst";
constexpr auto kHold = 1000ms;       // of writes; the first time, then twice that
constexpr int kTries = 3;            // to have counts and dump of one moment
constexpr auto kOthersSave = 10min;  // who saves already is waited for, so long
constexpr auto kSilence = 60s;       // a server that makes a dump sends an empty line each second
constexpr std::size_t kHead = 4096;  // of a dump: its notes are in it

// Writes are held while this lives, and not for longer than was said to the server.
class Hold {
 public:
  static Result<Hold> begin(RedisSession& s, std::chrono::milliseconds most) {
    auto held = s.ask({"CLIENT", "PAUSE", std::to_string(most.count()), "WRITE"});
    if (!held) return std::unexpected(held.error());
    return Hold(s);
  }
  Hold(Hold&& other) noexcept : s_(std::exchange(other.s_, nullptr)) {}
  ~Hold() {
    if (s_) (void)s_->ask({"CLIENT", "UNPAUSE"});
  }

 private:
  explicit Hold(RedisSession& s) : s_(&s) {}
  RedisSession* s_;
};

class Copying {
 public:
  Copying(Shelf& shelf, const RedisSource& source, const std::string& id, Progress& progress, RedisSession control)
      : shelf_(shelf), source_(source), id_(id), progress_(progress), control_(std::move(control)) {}

  Result<Copy> go() {
    if (auto fits = look(); !fits) return std::unexpected(fits.error());
    auto began = io::boot_time();
    for (int number = 1;; ++number) {
      auto exact = once(kHold * (1 << (number - 1)));
      if (!exact) return std::unexpected(exact.error());
      if (*exact) break;
      if (number == kTries)
        return fail(Code::unavailable,
                    fmt::format("Redis at {} took longer to make a dump than writes may be held", source_.place.shown),
                    "stop what writes, or try when nothing else saves");
    }
    m_.took.dump = io::boot_time() - began;
    return finish();
  }

 private:
  Result<RedisTold> told() {
    auto info = control_.ask({"INFO"});
    if (!info) return std::unexpected(info.error());
    return redis_told(*info);
  }

  Result<> look() {
    auto now = told();
    if (!now) return std::unexpected(now.error());
    if (auto why = not_copied(*now))
      return fail(why->code, fmt::format("Redis at {} is not copied: {}", source_.place.shown, why->message),
                  why->hint);
    auto before = shelf_.copies();
    expected_ = before.empty() ? 0 : before.front().manifest.unpacked();
    auto wanted = before.empty() ? now->memory / 2 : before.front().manifest.bytes() * 4 / 3;
    return has_room(shelf_.into(), wanted, "this copy");
  }

  // Its dump would be of another moment than ours.
  Result<> nobody_saves() {
    progress_.stage("wait");
    for (auto last = std::chrono::steady_clock::now() + kOthersSave;; std::this_thread::sleep_for(100ms)) {
      auto now = told();
      if (!now) return std::unexpected(now.error());
      if (!now->saves) return {};
      if (std::chrono::steady_clock::now() >= last)
        return fail(Code::unavailable, fmt::format("Redis at {} is saving all the time", source_.place.shown));
    }
  }

  // Whether counts and dump are of one moment.
  Result<bool> once(std::chrono::milliseconds most) {
    if (auto alone = nobody_saves(); !alone) return std::unexpected(alone.error());
    auto stream = RedisSession::open(source_);
    if (!stream) return std::unexpected(stream.error());
    auto began = stream->ask({"CLIENT", "ID"});
    if (!began) return std::unexpected(began.error());
    (void)stream->ask({"REPLCONF", "rdb-only", "1"});  // else it keeps writes for us, which we do not read
    auto counted = counts(*stream, *began, most);
    if (!counted) return std::unexpected(counted.error());
    return received(*stream, *counted);
  }

  // What it has in the moment in which it begins to make the dump. It begins before it answers anybody else.
  Result<RedisTold> counts(RedisSession& stream, const std::string& client, std::chrono::milliseconds most) {
    progress_.stage("hold");
    auto hold = Hold::begin(control_, most);
    if (!hold) return std::unexpected(hold.error());
    if (auto said = stream.say({"SYNC"}); !said) return std::unexpected(said.error());
    for (auto last = std::chrono::steady_clock::now() + most;;) {
      auto list = control_.ask({"CLIENT", "LIST", "ID", client});
      if (!list) return std::unexpected(list.error());
      bool becomes_replica = list->contains(" flags=S");
      if (becomes_replica || list->empty() || std::chrono::steady_clock::now() >= last) return told();
      std::this_thread::sleep_for(1ms);
    }
  }

  Result<bool> received(RedisSession& stream, const RedisTold& counted) {
    progress_.stage("dump", expected_);
    auto folder = shelf_.begin(id_);
    if (!folder) return std::unexpected(folder.error());
    auto begins = first(stream);
    if (!begins) return std::unexpected(begins.error());
    if (auto room = has_room(shelf_.into(), begins->bytes / 2, "this copy"); !room)
      return std::unexpected(room.error());
    auto packed = pack(stream, *folder, begins->bytes);
    if (!packed) return std::unexpected(packed.error());
    auto notes = dump_notes(head_);
    if (!notes) return std::unexpected(notes.error());
    m_.files = {{kDump, packed->bytes, packed->unpacked, packed->sha256}};
    m_.databases = counted.databases, m_.functions = counted.functions, m_.source.server = counted.version;
    m_.source.snapshot = fmt::format("{}:{}", counted.replication, counted.offset);
    return fmt::format("{}:{}", (*notes)["repl-id"], (*notes)["repl-offset"]) == m_.source.snapshot;
  }

  // What precedes the dump; what came of it already stands in head_.
  Result<DumpBegins> first(RedisSession& stream) {
    head_.clear();
    std::string room(16 * 1024, '\0');
    for (;;) {
      auto begins = dump_begins(head_, source_.place.shown);
      if (!begins) return std::unexpected(begins.error());
      if (*begins) return head_.erase(0, (*begins)->skip), **begins;
      auto n = stream.read(room, kSilence);
      if (!n) return std::unexpected(n.error());
      head_.append(room.data(), *n);
    }
  }

  Result<Packed> pack(RedisSession& stream, const std::string& folder, std::int64_t bytes) {
    auto packer = Packer::into(folder + "/" + kDump);
    if (!packer) return std::unexpected(packer.error());
    auto text =
        std::string_view(head_).substr(0, static_cast<std::size_t>(std::min<std::int64_t>(bytes, std::ssize(head_))));
    std::string room(256 * 1024, '\0');
    for (;;) {
      if (auto added = packer->add(text); !added) return std::unexpected(added.error());
      progress_.at(packer->taken());
      auto left = bytes - packer->taken();
      if (left == 0) break;
      auto n = stream.read(std::span(room.data(), std::min(room.size(), static_cast<std::size_t>(left))), kSilence);
      if (!n) return std::unexpected(n.error());
      text = {room.data(), *n};
      if (head_.size() < kHead) head_.append(text.substr(0, kHead - head_.size()));
    }
    return packer->finish();
  }

  Result<Copy> finish() {
    m_.kind = "redis", m_.name = shelf_.name(), m_.id = id_, m_.format = "rdb", m_.made = timestamp(io::wall_time());
    m_.source.at = source_.place.shown;
    return shelf_.finish(id_, m_);
  }

  Shelf& shelf_;
  const RedisSource& source_;
  const std::string& id_;
  Progress& progress_;
  RedisSession control_;
  Manifest m_;
  std::string head_;  // of the dump
  std::int64_t expected_ = 0;
};

}  // namespace

Result<Copy> copy_redis(Shelf& shelf, const RedisSource& source, const std::string& id, Progress& progress) {
  if (shelf.has(id)) return read_copy(shelf.folder(id));
  auto control = RedisSession::open(source);
  if (!control) return std::unexpected(control.error());
  auto made = Copying(shelf, source, id, progress, *std::move(control)).go();
  if (!made) shelf.abandon(id);
  return made;
}

}  // namespace davy::backups
