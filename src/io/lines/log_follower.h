// A log file as it grows, from its end on, or from its beginning.
//
// Rotated by rename and create: the old file is read on beside the new one until it was quiet for a minute, for its
// writers change over one by one (nginx's workers at `nginx -s reopen`, Apache's children when their request is done).
// No line is lost or counted twice; where it was rotated twice before we could look (2 ms; under load later), a gap
// says so. A file that comes back under its name is known by its inode.
//
// Truncated (copytruncate): it is read from its beginning again. Lines that were written between our last read and the
// truncation are gone for us, and nobody can tell whether there were any: that window has a gap. A file that was cut
// and has grown again since the last look is known by its last bytes, which every read looks at once more.
//
// A log whose front was taken off (io/posix/log_front.h) is read on where its last bytes stand now; nothing is lost.
//
// A file that is replaced by a copy of itself is taken for a new one, and read from its beginning.
#pragma once
#include <deque>

#include "io/lines/line_stream.h"
#include "io/posix/posix.h"

namespace davy::io {

class LogFollower final : public LineStream {
 public:
  // Invalid: it is there and no file; refused: it may not be read. One that is not there is awaited.
  static Result<std::unique_ptr<LogFollower>> open(std::string path, Time now, ports::Begin = ports::Begin::end);

  // From the beginning of the line that is under way, for whoever shows what stands before it.
  static Result<std::unique_ptr<LogFollower>> open_at_line(std::string path, Time now);
  off_t at() const { return current_ ? current_->at : 0; }

  int ready() const override { return events_.get(); }
  Duration rest() const override { return std::chrono::milliseconds(2); }
  bool read(Time now, LineSink&) override;
  std::string gap(Time now) override;
  std::vector<std::string> earlier() override;

 private:
  struct File {
    Fd fd;
    dev_t device = 0;
    ino_t inode = 0;
    off_t at = 0;
    std::string tail;  // the last bytes before `at`
    int watch = -1;
    Time latest{};  // when something of it was read, or it lost its name
    LineBuffer lines;
  };
  enum class From { end, line, beginning };

  LogFollower(std::string path, Time now);
  static Result<std::unique_ptr<LogFollower>> open_from(std::string path, Time now, From);
  bool heard_of_the_folder();
  void look(Time now, LineSink&);
  Result<std::unique_ptr<File>> opened(From, Time now);
  void retire(Time now, LineSink&);
  void forget(std::size_t old, LineSink&);
  bool revive(dev_t, ino_t);
  bool advance(File&, Time now, LineSink&);
  bool moved_down(File&);
  void begin_anew(File&, LineSink&);

  std::string path_, folder_, name_;
  Fd events_;  // inotify; none where the system has no more of them: then every 100 ms must do
  std::unique_ptr<File> current_;
  std::deque<std::unique_ptr<File>> old_;
  int births_ = 0;  // files that got the name since the last look
  Time look_at_{};
  Time away_since_{};
  std::string away_, note_;
};

}  // namespace davy::io
