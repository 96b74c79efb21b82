// What the tests of log sources share: a sink that keeps the lines, and files that are written as servers write them.
#pragma once
#include <fcntl.h>
#include <fmt/format.h>

#include "io/io_testing.h"
#include "io/lines/line_stream.h"
#include "io/posix/posix.h"

namespace davy::io {

struct Kept : LineSink {
  std::vector<std::string> lines;
  int losses = 0;
  void line(std::string_view text) override { lines.emplace_back(text); }
  void lost() override { ++losses; }
};

// One writer's open file: it goes on writing there, whatever the file's name becomes.
class Writing {
 public:
  explicit Writing(const std::string& path, int flags = O_APPEND)
      : fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644)) {}
  void text(std::string_view t) { ASSERT_TRUE(write_all(fd_.get(), t)); }
  void line(std::string_view t) { text(std::string(t) + "\n"); }

 private:
  Fd fd_;
};

// A source under test, read by the real clock.
struct Source {
  std::unique_ptr<LineStream> stream;
  Kept kept;

  void open(const LogSource& source) {
    auto opened = open_lines(source, wall_time());
    ASSERT_TRUE(opened) << opened.error().message;
    stream = std::move(*opened);
  }
  void read() {
    while (stream->read(wall_time(), kept)) {
    }
  }
  bool read_until(const std::function<bool()>& holds) {
    return eventually([&] { return read(), holds(); });
  }
  bool read_lines(std::size_t n) {
    return read_until([&] { return kept.lines.size() >= n; });
  }
  std::string gap() { return stream->gap(wall_time()); }
  // The first gap that anything is said of.
  std::string next_gap() {
    std::string out;
    eventually([&] { return read(), out = gap(), !out.empty(); });
    return out;
  }
  bool no_gap() {
    return read_until([&] { return gap().empty(); });
  }
};

using Lines = std::vector<std::string>;

}  // namespace davy::io
