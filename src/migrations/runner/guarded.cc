#include "migrations/runner/guarded.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "io/posix/posix.h"
#include "io/posix/spawn.h"

namespace davy::migrations {
namespace {

constexpr std::size_t kLongestLine = 4096;

std::string pgoptions_for(Duration lock_timeout) {
  auto limit = std::chrono::ceil<std::chrono::milliseconds>(lock_timeout).count();
  auto own = ::getenv("PGOPTIONS");
  return fmt::format("{}{}-c lock_timeout={}", own ? own : "", own && *own ? " " : "", limit);
}

struct Finish {
  void operator()(PGconn* c) const { ::PQfinish(c); }
  void operator()(PGresult* r) const { ::PQclear(r); }
};

// What SHOW lock_timeout says to a session opened as the program opens its own.
Asked<std::string> shown(const Where& where) {
  std::unique_ptr<PGconn, Finish> c(::PQconnectdb(where.url.c_str()));
  if (::PQstatus(c.get()) != CONNECTION_OK) {
    auto masker = io::masker_of({{"URL", where.url}, {"password", text_or_none(::PQpass(c.get()))}});
    auto why = masker.pass(::PQerrorMessage(c.get()));
    why += masker.rest();
    bool options = why.contains("startup parameter");
    return std::unexpected(Wrong{options ? "08P01" : "",
                                 {Code::unavailable, "connecting to PostgreSQL: " + printable(trimmed(why)), "", {}}});
  }
  std::unique_ptr<PGresult, Finish> r(::PQexec(c.get(), "show lock_timeout"));
  if (::PQresultStatus(r.get()) != PGRES_TUPLES_OK)
    return std::unexpected(Wrong{"", {Code::unavailable, "`show lock_timeout` was not answered", "", {}}});
  return std::string(::PQgetvalue(r.get(), 0, 0));
}

constexpr const char* kOnTheRole = "; set it on the role: alter role NAME set lock_timeout = '500ms'";

class Lines {
 public:
  Lines(ForeignEnd& end, const std::function<void(const std::string&)>& say) : end_(end), say_(say) {}
  void take(std::string_view text) {
    for (char c : text)
      if (c == '\n' || line_.size() >= kLongestLine)
        close();
      else
        line_ += c;
  }
  void close() {
    auto line = printable(trimmed(line_));
    line_.clear();
    if (line.empty()) return;
    end_.locked |= line.contains("lock timeout");
    say_(line), end_.last = line;
  }

 private:
  ForeignEnd& end_;
  const std::function<void(const std::string&)>& say_;
  std::string line_;
};

}  // namespace

Result<Guarded> guard(const Where& where) {
  Guarded out{.pgoptions = pgoptions_for(where.lock_timeout)};
  auto before = text_or_none(::getenv("PGOPTIONS"));
  ::setenv("PGOPTIONS", out.pgoptions.c_str(), 1);
  auto with = shown(where);
  before.empty() ? ::unsetenv("PGOPTIONS") : ::setenv("PGOPTIONS", before.c_str(), 1);
  if (with && *with != "0") {
    out.holds = true, out.says = "lock_timeout is " + *with;
    return out;
  }
  if (!with && with.error().state != "08P01") return std::unexpected(with.error().error);
  auto way = with ? "swallows PGOPTIONS" : "refuses PGOPTIONS";
  out.pgoptions.clear();
  auto without = shown(where);
  if (!without) return std::unexpected(without.error().error);
  out.holds = *without != "0";
  out.says = out.holds
                 ? fmt::format("what stands before the server {}; the role has a lock_timeout of {}", way, *without)
                 : fmt::format(
                       "what stands before the server {}, and no lock_timeout is set: who waits for a lock keeps all "
                       "others waiting{}",
                       way, kOnTheRole);
  return out;
}

Result<ForeignEnd> carry_out(const Foreign& what, const std::function<void(const std::string&)>& say) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(io::system_error("a pipe"));
  io::Fd from(ends[0]), to(ends[1]);
  std::map<std::string, std::string> added;
  if (!what.guarded.pgoptions.empty()) added["PGOPTIONS"] = what.guarded.pgoptions;
  auto pid = io::fork_exec({.argv = what.argv,
                            .env = io::environment(added, {}, {"DAVY_DATABASE"}),
                            .cwd = what.cwd,
                            .output = to.get(),
                            .before_exec = [] { return ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0; }});
  if (!pid) return std::unexpected(pid.error());
  to.reset();
  ForeignEnd out;
  Lines lines(out, say);
  for (bool told = false;;) {
    pollfd one{from.get(), POLLIN, 0};
    ::poll(&one, 1, 200);
    if (asked_to_end() && !told) ::kill(-*pid, SIGTERM), told = true;
    if (!(one.revents & (POLLIN | POLLHUP))) continue;
    char block[16 * 1024];
    auto n = ::read(from.get(), block, sizeof block);
    if (n <= 0) break;
    lines.take({block, static_cast<std::size_t>(n)});
  }
  lines.close();
  int status = 0;
  while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
  }
  out.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return out;
}

}  // namespace davy::migrations
