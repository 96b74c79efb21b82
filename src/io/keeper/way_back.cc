#include "io/keeper/way_back.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "io/net/address.h"
#include "io/posix/posix.h"
#include "io/posix/spawn.h"

namespace davy::io {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr Duration kEach = 5s;
constexpr std::size_t kLongestAnswer = 64 * 1024;

// Waits for the socket until the deadline; false when it passed.
bool ready(int fd, short events, Duration deadline) {
  for (;;) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - boot_time()).count();
    pollfd entry{fd, events, 0};
    int n = left > 0 ? ::poll(&entry, 1, static_cast<int>(left)) : 0;
    if (n != -1 || errno != EINTR) return n > 0;
  }
}

Result<Fd> connect_to(int family, const sockaddr* address, socklen_t size, Duration deadline, const std::string& name) {
  Fd fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  auto failed = [&](int error) { return std::unexpected(system_error("connecting to " + name, error)); };
  if (!fd) return failed(errno);
  if (::connect(fd.get(), address, size) == 0) return fd;
  if (errno != EINPROGRESS) return failed(errno);
  if (!ready(fd.get(), POLLOUT, deadline)) return failed(ETIMEDOUT);
  int error = 0;
  socklen_t length = sizeof error;
  ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) return failed(error);
  return fd;
}

Result<Fd> connect_unix(const std::string& path, Duration deadline) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return fail(Code::invalid, "the path of a socket is too long: " + path);
  std::memcpy(address.sun_path, path.data(), path.size());
  return connect_to(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address, deadline, path);
}

Result<Fd> connect_tcp(const Address& to, Duration deadline) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (int error = ::getaddrinfo(to.host.c_str(), to.port.c_str(), &hints, &list); error != 0)
    return fail(Code::unavailable, fmt::format("looking up {}: {}", to.host, ::gai_strerror(error)));
  std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(list, ::freeaddrinfo);
  Result<Fd> last = fail(Code::unavailable, to.host + " has no address");
  for (auto* at = list; at && !last; at = at->ai_next)
    last = connect_to(at->ai_family, at->ai_addr, at->ai_addrlen, deadline, to.host + ":" + to.port);
  return last;
}

Result<std::string> read_answer(int fd, Duration deadline, const std::string& address) {
  std::string answer;
  char block[4096];
  while (answer.size() < kLongestAnswer) {
    if (!ready(fd, POLLIN, deadline)) return fail(Code::timed_out, address + " did not answer in time");
    auto n = ::read(fd, block, sizeof block);
    if (n == 0) break;
    if (n < 0 && errno != EINTR && errno != EAGAIN) return std::unexpected(system_error("reading from " + address));
    if (n > 0) answer.append(block, static_cast<std::size_t>(n));
  }
  return answer;
}

bool send_all(int fd, std::string_view text, Duration deadline) {
  while (!text.empty() && ready(fd, POLLOUT, deadline)) {
    auto n = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (n < 0 && errno != EINTR && errno != EAGAIN) return false;
    if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
  }
  return text.empty();
}

Result<> run_blocking(const std::vector<std::string>& argv, const Spool& spool) {
  Fd log(::open(spool.file("way-back.log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  Program program{.argv = argv, .env = environment({}, {}, {}), .output = log.get()};
  auto pid = fork_exec(program);
  if (!pid) return std::unexpected(pid.error());
  int status = 0;
  for (auto deadline = boot_time() + kEach; ::waitpid(*pid, &status, WNOHANG) == 0; ::usleep(10'000))
    if (boot_time() > deadline) ::kill(-*pid, SIGKILL), deadline = kForever;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return fail(Code::unavailable, fmt::format("'{}' failed with status {}", joined(argv, " "), status));
}

}  // namespace

Result<std::string> ask_blocking(const std::string& address, std::string text, Duration timeout) {
  auto deadline = later(boot_time(), timeout);
  auto to = parse_address(address);
  if (!to) return std::unexpected(to.error());
  auto fd = to->path.empty() ? connect_tcp(*to, deadline) : connect_unix(to->path, deadline);
  if (!fd) return std::unexpected(fd.error());
  if (!text.ends_with('\n')) text += '\n';
  if (!send_all(fd->get(), text, deadline)) return std::unexpected(system_error("writing to " + address));
  return read_answer(fd->get(), deadline, address);
}

Result<> take_way_back(const ports::WayBack& way, const Spool& spool) {
  json answers = json::array();
  for (const auto& question : way.questions) {
    auto answer = ask_blocking(question.address, question.text, kEach);
    if (!answer) return std::unexpected(answer.error());
    answers.push_back(*answer);
  }
  for (const auto& command : way.commands)
    if (auto done = run_blocking(command, spool); !done) return done;
  json taken = {{"at", wall_time().time_since_epoch().count()}, {"says", way.says}, {"answers", answers}};
  return replace_file(spool.file("way-back"), taken.dump(-1, ' ', true, json::error_handler_t::replace), 0600,
                      Sync::no);
}

std::string to_json(const ports::WayBack& way) {
  json questions = json::array();
  for (const auto& [address, text] : way.questions) questions.push_back({address, text});
  json whole = {{"questions", questions}, {"commands", way.commands}, {"says", way.says}};
  return whole.dump(-1, ' ', true, json::error_handler_t::replace);
}

std::optional<ports::WayBack> way_back_from_json(const std::string& text) try {
  auto whole = json::parse(text);
  ports::WayBack way{{}, whole.at("commands"), whole.at("says")};
  for (const auto& question : whole.at("questions")) way.questions.push_back({question.at(0), question.at(1)});
  return way;
} catch (const json::exception&) {
  return {};
}

Result<std::optional<ports::Guard::Taken>> read_taken(const Spool& spool) try {
  auto path = spool.file("way-back");
  auto text = read_file(path, 16 * 1024 * 1024);
  if (!text && text.error().code == Code::invalid) return std::nullopt;
  if (!text) return std::unexpected(text.error());
  auto taken = json::parse(*text);
  ports::Guard::Taken what{Time(Duration(taken.at("at").get<std::int64_t>())), taken.at("says")};
  return what;
} catch (const json::exception&) {
  return fail(Code::internal, spool.file("way-back") + " is garbled: somebody else wrote it");
}

}  // namespace davy::io
