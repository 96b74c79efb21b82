#include "backups/postgres/cluster.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "backups/postgres/session.h"
#include "base/text.h"

namespace davy::backups {
namespace {

using namespace std::chrono_literals;

constexpr const char* kSuperuser = "davy_proof";

// Not ones that a person would want in a cluster that is to last.
constexpr const char* kSettings[] = {"listen_addresses=",
                                     "unix_socket_permissions=0700",
                                     "fsync=off",
                                     "full_page_writes=off",
                                     "synchronous_commit=off",
                                     "wal_level=minimal",
                                     "max_wal_senders=0",
                                     "max_wal_size=2GB",
                                     "autovacuum=off",
                                     "max_connections=20",
                                     "dynamic_shared_memory_type=mmap",  // in its folder: it may write nowhere else
                                     "shared_buffers=128MB",
                                     "maintenance_work_mem=128MB",
                                     "max_locks_per_transaction=1024",
                                     "logging_collector=off"};

std::string data_of(const std::string& folder) { return folder + "/data"; }
std::string socket_of(const std::string& folder) { return folder + "/socket"; }

Result<> make_folders(const std::string& folder, const std::optional<Account>& as) {
  for (auto& inner : {data_of(folder), socket_of(folder)})
    if (::mkdir(inner.c_str(), 0700) != 0 || (as && ::chown(inner.c_str(), as->uid, as->gid) != 0))
      return std::unexpected(io::system_error("making " + inner));
  return {};
}

}  // namespace

Result<Cluster> Cluster::start(const Shelf& shelf, const std::string& in, const Programs& programs,
                               std::optional<Account> as) {
  auto scratch = make_scratch_folder(shelf, in);
  if (!scratch) return std::unexpected(scratch.error());
  auto& folder = *scratch;
  auto give_up = [&](Error e) {
    (void)remove_scratch_folder(shelf);
    return std::unexpected(std::move(e));
  };
  if (auto made = make_folders(folder, as); !made) return give_up(made.error());
  Tool init{.argv = {programs.path("initdb"), "--pgdata=" + data_of(folder), std::string("--username=") + kSuperuser,
                     "--auth=trust", "--no-sync", "--no-locale", "--encoding=UTF8"},
            .as = as,
            .bare = true};
  if (auto made = output_of(init); !made) return give_up(made.error());
  Tool serve{.argv = {programs.path("postgres"), "-D", data_of(folder), "-k", socket_of(folder), "-p", "5432"},
             .as = as,
             .bare = true,
             .ends_with = SIGQUIT};
  if (can_confine()) serve.confined = Confined{programs.path("postgres"), {data_of(folder), socket_of(folder)}};
  for (auto setting : kSettings) serve.argv.insert(serve.argv.end(), {"-c", setting});
  auto server = Child::start(serve);
  if (!server) return give_up(server.error());
  Cluster out(shelf, folder, *std::move(server));
  if (auto up = out.wait_until_it_answers(); !up) return std::unexpected(up.error());
  return out;
}

Cluster::Cluster(Cluster&& other) noexcept
    : shelf_(other.shelf_), folder_(std::exchange(other.folder_, {})), server_(std::move(other.server_)) {}

Cluster::~Cluster() { (void)close(); }

Place Cluster::place(const std::string& database) const {
  return Place::of_socket(socket_of(folder_), kSuperuser, database);
}

Result<> Cluster::wait_until_it_answers() {
  auto last = std::chrono::steady_clock::now() + 60s;
  for (;;) {
    auto session = Session::open(place("postgres"));
    if (session) return {};
    if (!server_.runs())
      return fail(Code::unavailable, "a cluster to restore it into does not start: " +
                                         printable(trimmed(server_.errors()).substr(0, 600)));
    if (std::chrono::steady_clock::now() >= last) return std::unexpected(session.error());
    std::this_thread::sleep_for(20ms);
  }
}

Result<> Cluster::close() {
  if (folder_.empty()) return {};
  server_.signal(SIGQUIT);  // at once: nothing of it is wanted any more
  (void)server_.wait();
  folder_.clear();
  return remove_scratch_folder(*shelf_);
}

}  // namespace davy::backups
