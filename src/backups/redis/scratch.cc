#include "backups/redis/scratch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "backups/copy/packing.h"
#include "backups/copy/room.h"
#include "base/text.h"

namespace davy::backups {
namespace {

using namespace std::chrono_literals;

constexpr const char* kDump = "database.rdb.zst";

// As a replica of nobody it neither takes writes nor lets a key expire while it is looked at.
constexpr const char* kSettings[] = {"--port 0",
                                     "--save \"\"",
                                     "--appendonly no",
                                     "--daemonize no",
                                     "--maxmemory 0",
                                     "--replicaof 127.0.0.1 1",
                                     "--unixsocketperm 700",
                                     "--protected-mode yes"};

std::string data_of(const std::string& folder) { return folder + "/data"; }
std::string log_of(const std::string& folder) { return data_of(folder) + "/log"; }
std::string socket_of(const std::string& folder) { return data_of(folder) + "/socket"; }

std::optional<Account> account_of_scratch() { return ::geteuid() == 0 ? account("redis") : std::optional<Account>(); }

std::int64_t highest(const Copy& copy) {
  std::int64_t out = 15;
  for (auto& one : copy.manifest.databases) out = std::max(out, one.index);
  return out;
}

// The last that it said of what is wrong: in its log, or before it had one.
std::string why_not(const std::string& folder, const Child& server) {
  auto log = io::read_end(log_of(folder), 4096);
  std::string out(trimmed(server.errors()));
  for (auto line : split(log.value_or(""), '\n'))
    if (auto at = line.find(" # "); at != line.npos && !line.contains("WARNING")) out = line.substr(at + 3);
  return out.empty() ? "it does not say why" : printable(out.substr(0, 300));
}

}  // namespace

Result<RedisScratch> RedisScratch::start(const Shelf& shelf, const std::string& in, const Copy& copy,
                                         Progress& progress) {
  auto program = in_path("redis-server");
  if (program.empty())
    return fail(Code::invalid, "nowhere to restore it to be looked at: there is no redis-server here",
                "install redis-server here, of the source's release or newer");
  constexpr std::int64_t kEmpty = 16'000'000;
  if (auto room = has_room(in, copy.manifest.unpacked() + kEmpty, "restoring it"); !room)
    return std::unexpected(room.error());
  auto folder = make_scratch_folder(shelf, in);
  if (!folder) return std::unexpected(folder.error());
  RedisScratch out(shelf, *folder);
  if (auto filled = out.fill(copy, progress); !filled) return std::unexpected(filled.error());
  if (auto up = out.serve(copy, program); !up) return std::unexpected(up.error());
  return out;
}

RedisScratch::RedisScratch(RedisScratch&& other) noexcept
    : shelf_(other.shelf_), folder_(std::exchange(other.folder_, {})), server_(std::move(other.server_)) {}

RedisScratch::~RedisScratch() { (void)close(); }

// The dump as the server finds it at its start.
Result<> RedisScratch::fill(const Copy& copy, Progress& progress) {
  auto as = account_of_scratch();
  auto path = data_of(folder_) + "/dump.rdb";
  if (::mkdir(data_of(folder_).c_str(), 0700) != 0)
    return std::unexpected(io::system_error("making " + data_of(folder_)));
  io::Fd to(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!to) return std::unexpected(io::system_error("writing " + path));
  std::int64_t done = 0;
  auto went = unpack(copy.file(kDump), [&](std::string_view block) -> Result<> {
    if (!io::write_all(to.get(), block)) return std::unexpected(io::system_error("writing " + path));
    progress.at(done += static_cast<std::int64_t>(block.size()));
    return {};
  });
  if (!went) return std::unexpected(went.error());
  if (as && (::fchown(to.get(), as->uid, as->gid) != 0 || ::chown(data_of(folder_).c_str(), as->uid, as->gid) != 0))
    return std::unexpected(io::system_error("handing on " + path));
  return {};
}

Result<> RedisScratch::serve(const Copy& copy, const std::string& program) {
  Tool tool{.argv = {program}, .as = account_of_scratch(), .bare = true};
  for (std::string_view setting : kSettings)
    for (auto word : split(setting, ' ')) tool.argv.emplace_back(word == "\"\"" ? "" : word);
  tool.argv.insert(tool.argv.end(),
                   {"--dir", data_of(folder_), "--dbfilename", "dump.rdb", "--unixsocket", socket_of(folder_),
                    "--logfile", log_of(folder_), "--databases", std::to_string(highest(copy) + 1)});
  // Debian's redis-server is a link to redis-check-rdb, which looks by which name it was called.
  std::error_code ignored;
  auto file = std::filesystem::canonical(program, ignored).string();
  if (can_confine()) tool.confined = Confined{file, {data_of(folder_)}};
  auto server = Child::start(tool);
  if (!server) return std::unexpected(server.error());
  server_.emplace(*std::move(server));
  return wait_until_it_answers();
}

// Whatever its size: it loads, or it ends and says why.
Result<> RedisScratch::wait_until_it_answers() {
  for (;; std::this_thread::sleep_for(20ms)) {
    if (auto s = session(); s && s->ask({"PING"})) return {};
    if (!server_->runs())
      return fail(Code::invalid, "it is not loaded: redis-server says: " + why_not(folder_, *server_));
  }
}

Result<RedisSession> RedisScratch::session() const {
  return RedisSession::open({.place = {.address = socket_of(folder_), .shown = "its scratch"}});
}

std::string RedisScratch::where() const {
  return can_confine() ? "a server of its own" : "a server of its own, not confined: this kernel has no Landlock";
}

Result<> RedisScratch::close() {
  if (folder_.empty()) return {};
  if (server_) server_->signal(SIGKILL);  // nothing of it is wanted any more
  server_.reset();
  folder_.clear();
  return remove_scratch_folder(*shelf_);
}

}  // namespace davy::backups
