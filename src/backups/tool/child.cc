#include "backups/tool/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

#include "base/text.h"
#include "io/posix/family.h"

extern char** environ;

namespace davy::backups {
namespace {

constexpr std::size_t kMostErrors = 64 * 1024;

// Where a database is told to us: for nobody else.
constexpr std::string_view kOurs = "DAVY_SOURCE=";

std::vector<std::string> environment(const Tool& tool) {
  std::vector<std::string> out;
  for (char** at = environ; *at; ++at) {
    std::string_view entry(*at);
    auto name = entry.substr(0, entry.find('='));
    bool kept = !tool.bare || name == "PATH" || name == io::kCommandVariable;
    if (kept && !entry.starts_with(kOurs) && !tool.env.contains(std::string(name)) && name != "LC_ALL")
      out.emplace_back(entry);
  }
  for (auto& [name, value] : tool.env) out.push_back(name + "=" + value);
  out.emplace_back("LC_ALL=C");  // their words are read
  return out;
}

// PostgreSQL's programs quote rows of tables in what follows their message, and it goes to people and into the record.
std::string without_values(std::string_view said) {
  std::string out;
  for (auto line : split(said, '\n')) {
    auto at = [&](std::string_view word) { return line.contains(word); };
    if (at("DETAIL:") || at("CONTEXT:") || at("QUERY:") || at("STATEMENT:") || line.starts_with("COPY ")) continue;
    if (line.starts_with("LINE ") || line.starts_with("\t") || line.starts_with("    ")) continue;
    out += std::string(line) + "\n";
  }
  return out;
}

std::vector<char*> raw(const std::vector<std::string>& words) {
  std::vector<char*> out;
  for (auto& word : words) out.push_back(const_cast<char*>(word.c_str()));
  out.push_back(nullptr);
  return out;
}

struct Pipe {
  io::Fd read, write;
  static std::optional<Pipe> make() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return {};
    return Pipe{io::Fd(ends[0]), io::Fd(ends[1])};
  }
};

bool take_account(const std::optional<Account>& as) {
  if (!as || ::geteuid() == as->uid) return true;
  return ::initgroups(as->name.c_str(), as->gid) == 0 && ::setgid(as->gid) == 0 && ::setuid(as->uid) == 0 &&
         ::chdir("/") == 0;
}

[[noreturn]] void become(const Tool& tool, char** argv, char** env, std::array<int, 3> fds, pid_t parent) {
  auto give_up = [&](const char* doing) {
    int error = errno;
    io::write_all(fds[2], fmt::format("{} {}: {}\n", doing, argv[0], ::strerror(error)));
    ::_exit(error == ENOENT ? 127 : 126);
  };
  for (int i = 0; i < 3; ++i) ::dup2(fds[static_cast<std::size_t>(i)], i);
  fds[2] = 2;
  if (!take_account(tool.as)) give_up("taking another account for");
  if (tool.confined && !confine(*tool.confined)) give_up("confining");
  ::prctl(PR_SET_PDEATHSIG, tool.ends_with);  // behind the account: changing it takes this back
  if (::getppid() != parent) ::_exit(126);
  ::signal(SIGPIPE, SIG_DFL);
  environ = env;
  ::execvp(argv[0], argv);
  give_up("running");
  ::_exit(126);
}

}  // namespace

std::optional<Account> account(const std::string& name) {
  passwd entry{}, *found = nullptr;
  std::array<char, 16 * 1024> room;
  if (::getpwnam_r(name.c_str(), &entry, room.data(), room.size(), &found) != 0 || !found) return {};
  return Account{name, entry.pw_uid, entry.pw_gid};
}

Result<Child> Child::start(const Tool& tool) {
  auto argv = raw(tool.argv);
  auto all = environment(tool);
  auto env = raw(all);
  auto in = Pipe::make(), out = Pipe::make();
  io::Fd errors(::memfd_create("errors", MFD_CLOEXEC));
  if (!in || !out || !errors) return std::unexpected(io::system_error("starting " + tool.argv[0]));
  ::signal(SIGPIPE, SIG_IGN);
  auto parent = ::getpid();
  auto pid = ::fork();
  if (pid < 0) return std::unexpected(io::system_error("starting " + tool.argv[0]));
  if (pid == 0) become(tool, argv.data(), env.data(), {in->read.get(), out->write.get(), errors.get()}, parent);
  auto name = tool.argv[0].substr(tool.argv[0].rfind('/') + 1);
  return Child(name, tool.well, pid, std::move(in->write), std::move(out->read), std::move(errors));
}

Child::Child(std::string name, int well, pid_t pid, io::Fd in, io::Fd out, io::Fd errors)
    : name_(std::move(name)),
      well_(well),
      pid_(pid),
      in_(std::move(in)),
      out_(std::move(out)),
      errors_(std::move(errors)) {}

Child::Child(Child&& other) noexcept
    : name_(std::move(other.name_)),
      well_(other.well_),
      pid_(std::exchange(other.pid_, 0)),
      code_(other.code_),
      in_(std::move(other.in_)),
      out_(std::move(other.out_)),
      errors_(std::move(other.errors_)) {}

Child::~Child() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

Result<std::size_t> Child::read(std::span<char> into) {
  for (;;) {
    auto n = ::read(out_.get(), into.data(), into.size());
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno != EINTR) return std::unexpected(io::system_error("reading what " + name_ + " prints"));
  }
}

Result<> Child::write(std::string_view text) {
  if (io::write_all(in_.get(), text)) return {};
  if (errno == EPIPE) return fail(Code::unavailable, name_ + " reads no more");
  return std::unexpected(io::system_error("handing on to " + name_));
}

void Child::signal(int number) {
  if (pid_ > 0) ::kill(pid_, number);
}

bool Child::runs() {
  if (pid_ <= 0) return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return true;
  pid_ = 0;
  code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return false;
}

Result<> Child::wait() {
  end_input();
  int status = 0;
  while (pid_ > 0 && ::waitpid(pid_, &status, 0) < 0)
    if (errno != EINTR) return std::unexpected(io::system_error("waiting for " + name_));
  if (std::exchange(pid_, 0) > 0) code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (code_ == 0 || code_ == well_) return {};
  auto said = errors();
  auto how = code_ > 128 ? fmt::format("was ended by signal {}", code_ - 128) : fmt::format("exit {}", code_);
  auto what = printable(trimmed(without_values(said)).substr(0, 600), true);
  std::ranges::replace(what, '\n', ' ');
  bool full = said.contains("No space left on device") || said.contains("Disk quota exceeded");
  return fail(full           ? Code::no_space
              : code_ == 127 ? Code::invalid
                             : Code::unavailable,
              fmt::format("{}: {}{}{}", name_, how, what.empty() ? "" : ": ", what));
}

std::string Child::errors() const {
  std::string out(kMostErrors, '\0');
  auto n = ::pread(errors_.get(), out.data(), out.size(), 0);
  out.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return out;
}

Result<std::string> output_of(const Tool& tool, std::size_t most) {
  auto child = Child::start(tool);
  if (!child) return std::unexpected(child.error());
  child->end_input();
  std::string out;
  std::array<char, 16 * 1024> room;
  for (;;) {
    auto n = child->read(room);
    if (!n) return std::unexpected(n.error());
    if (*n == 0) break;
    out.append(room.data(), *n);
    if (out.size() > most) return fail(Code::invalid, fmt::format("{} prints more than {} bytes", tool.argv[0], most));
  }
  if (auto went = child->wait(); !went) return std::unexpected(went.error());
  return out;
}

std::string in_path(const std::string& name) {
  auto path = ::getenv("PATH");
  for (auto folder : split(path ? path : "/usr/bin:/bin", ':'))
    if (auto file = std::string(folder) + "/" + name; !folder.empty() && ::access(file.c_str(), X_OK) == 0) return file;
  return {};
}

}  // namespace davy::backups
