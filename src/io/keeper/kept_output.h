// The output of one command as a file, or a text, that cannot grow without end: its head and its tail, and a line in
// between that says how much was dropped.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "io/posix/posix.h"

namespace davy::io {

class KeptOutput {
 public:
  // Keeps about `keep` bytes, half of them from the beginning. The file appears with the first byte. A full disk loses
  // output, never the command. Without a path it is kept in memory alone.
  KeptOutput(std::string path, std::size_t keep);
  void add(std::string_view text);
  void flush();  // the head is written at once, the tail now; cheap when there is nothing new
  bool dirty() const { return dirty_; }
  const std::string& in_memory() const { return text_; }  // as far as it was flushed; empty when it is a file

 private:
  void put(std::string_view text, std::size_t at);
  std::string path_;
  std::size_t head_limit_, tail_limit_;
  Fd file_;
  std::string text_;
  std::size_t head_ = 0;  // bytes of it
  std::string tail_;      // at most twice what is kept of it
  std::uint64_t after_head_ = 0;
  bool dirty_ = false;
};

}  // namespace davy::io
