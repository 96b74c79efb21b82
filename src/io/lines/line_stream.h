// How lines of a log come in, whatever the way: a socket, a file that grows and is rotated, a pipe, a command. Each is
// one descriptor to wait for and one read that never waits; LineThread does the rest.
#pragma once
#include <sys/types.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "ports/logs.h"

namespace davy::io {

// A datagram socket that Davy binds and a server writes to, a line in each datagram: HAProxy's `log
// /run/davy/log.sock`, nginx's `access_log syslog:server=unix:…`. A syslog header is taken off.
struct UnixSocket {
  std::string path;
  mode_t mode = 0600;  // who may write lines may say that the candidate is well
};

// The same over UDP: "127.0.0.1:5514", "[::1]:5514". Anybody who reaches the address may write lines.
struct UdpSocket {
  std::string address;
};

// From its end on, or from its beginning; through rotation by rename and create, truncation and copytruncate
// (logrotate(8)). It need not be there yet, nor its folder.
struct FollowedFile {
  std::string path;
  ports::Begin begin = ports::Begin::end;
};

struct StandardInput {
  int descriptor = 0;
};

// A command whose output are the lines: `journalctl -f`, `docker logs -f`. It has a process group of its own, ends with
// Davy, and is started again when it ends, after 100 ms at first, 5 s at most.
struct LogCommand {
  enum class Errors { apart, lines };  // stderr: its last line says why the command ended, or it is lines as well
  enum class Wrapping { none, journald };
  std::vector<std::string> argv;
  Errors errors = Errors::apart;
  Wrapping wrapping = Wrapping::none;
  std::vector<std::string> at_first = {};  // behind argv, until it has run once: what was said before that counts, too
};
LogCommand journald_command(std::string_view unit, std::optional<Time> since = {});
LogCommand docker_command(std::string_view container);

using LogSource = std::variant<UnixSocket, UdpSocket, FollowedFile, StandardInput, LogCommand>;

class LineSink {
 public:
  virtual ~LineSink() = default;
  virtual void line(std::string_view) = 0;       // without its newline; ends with this call
  virtual void lost() = 0;                       // one that was too long or cut off
  virtual void at(Time) {}                       // what comes from here on was read then
  virtual bool urgent() const { return false; }  // the window should end early
};

// Owned by one thread.
class LineStream {
 public:
  virtual ~LineStream() = default;

  // Polls readable when there may be lines; -1: nothing to wait for. A read is due every 100 ms all the same.
  virtual int ready() const = 0;

  // How long it may be left alone after a read though it is ready: what nobody can lose need not be read in crumbs.
  virtual Duration rest() const { return {}; }

  // What is there, a block at most, without waiting. True: there is more.
  virtual bool read(Time now, LineSink&) = 0;

  // Why the lines since the last call may not be all, for people: "there is no file /x since 12:03:04". Empty: they
  // are all.
  virtual std::string gap(Time now) = 0;

  // Lines that were there before, of which nobody may count any: what the format can be told from.
  virtual std::vector<std::string> earlier() { return {}; }
};

// Bytes in blocks, lines out. A fixed buffer: a line that does not fit is lost, and memory never grows.
class LineBuffer {
 public:
  static constexpr std::size_t kLongestLine = 256 * 1024;
  explicit LineBuffer(std::size_t longest = kLongestLine) : buffer_(longest) {}

  std::span<char> room() { return std::span(buffer_).subspan(used_); }  // never empty
  void filled(std::size_t, LineSink&);                                  // so many bytes of `room` are new
  void skip_rest() { skipping_ = true; }  // the line under way began before us: it is not counted
  void finish(LineSink&);                 // nothing follows: what is left is the last line
  void drop(LineSink&);                   // what is left will never be whole

 private:
  std::vector<char> buffer_;
  std::size_t used_ = 0;
  bool skipping_ = false;
};

// Opens what there is to open: sockets are bound at once; a command is
// started by the first read, for it ends with the thread that started it. Code::conflict: another process reads
// that socket; invalid: it cannot be such a source; unavailable, refused: not now, or not for us.
Result<std::unique_ptr<LineStream>> open_lines(const LogSource&, Time now);

// One each, for open_lines.
Result<std::unique_ptr<LineStream>> open_unix_lines(const UnixSocket&);
Result<std::unique_ptr<LineStream>> open_udp_lines(const UdpSocket&);
Result<std::unique_ptr<LineStream>> open_input_lines(const StandardInput&);
Result<std::unique_ptr<LineStream>> open_command_lines(const LogCommand&);

}  // namespace davy::io
