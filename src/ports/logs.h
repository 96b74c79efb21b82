// Logs read by the line. Lines are counted on the reader's own thread, and what they came to is taken on the core: a
// loud log must not hold up a run.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "judge/numbers/window.h"
#include "ports/task.h"

namespace davy::ports {

// `/var/log/nginx/access.log`, `unix:/run/davy/log.sock`, `udp:127.0.0.1:5514`, `journald:shop.service`, `docker:shop`,
// `command:kubectl logs -f deploy/shop` (by the shell), `-` (standard input).
struct LogPlace {
  enum class Kind { file, unix_socket, udp, journald, docker, command, input };
  Kind kind = Kind::file;
  std::string what;  // path, address, unit, container or command
  bool operator==(const LogPlace&) const = default;
};
Result<LogPlace> parse_log_place(std::string_view);
std::string text_of(const LogPlace&);

enum class Writers { owner, group, everyone };  // who may write to a socket that Davy binds
enum class Begin { end, beginning };            // of a file that is there already

// What becomes of lines. Made on the core, used by the reader's thread alone from then on.
class LineTaker {
 public:
  virtual ~LineTaker() = default;
  virtual void line(std::string_view, Time now) = 0;     // without its newline; ends with this call
  virtual judge::Window finish(Time from, Time to) = 0;  // what came since; ten times a second

  // What came since should be judged at once: where many are served, what a window may hold is many bad answers more.
  virtual bool urgent() const { return false; }

  // A line that was too long or cut off. True: it is in the account; else the window has a gap.
  virtual bool lost() { return false; }

  // Lines that were there before the first one of ours, of which none counts: what a format can be told from.
  virtual void earlier(std::vector<std::string>) {}
};

// A log that is being read until this goes.
class LineReading {
 public:
  virtual ~LineReading() = default;
  struct Taken {
    judge::Window window;  // all since the last take, merged; values of secrets are masked in what it shows
    std::string gap;       // why lines may be missing from it, for people; empty: they are all there
  };
  virtual Taken take() = 0;  // on the core; never waits

  // The windows one after the other, none left out: waits for the next one. One waiter at a time, on the core; may be
  // cancelled and called again. Where the core falls behind by a minute, the newest are merged. Code::cancelled: it was
  // cancelled or closed.
  virtual Task<Taken> next() = 0;
};

struct LineSpec {
  LogPlace place;
  Writers writers = Writers::owner;
  Begin begin = Begin::end;
  std::optional<Time> since = {};  // of journald: what was said from then on counts, too
};

struct Logs {
  virtual ~Logs() = default;
  // From here on lines count. Code::conflict: another process reads that socket; invalid: it cannot be such a place. A
  // file that is not there, a command that ends: a gap until it comes back, no error.
  virtual Result<std::unique_ptr<LineReading>> open(const LineSpec&, std::unique_ptr<LineTaker>) = 0;
};

}  // namespace davy::ports
