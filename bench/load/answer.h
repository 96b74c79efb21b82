// One HTTP/1.1 answer, read as its bytes arrive.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace load {

struct Answer {
  int status = 0;
  std::string version;               // X-Version
  std::vector<std::string> cookies;  // "name=value" of each Set-Cookie
  bool retry_after = false;
  bool close = false;
};

class AnswerReader {
 public:
  enum class Progress { more, complete, bad };

  Progress feed(std::string_view bytes);
  Progress at_end_of_stream();  // an answer without a length ends with its connection
  const Answer& answer() const { return answer_; }
  bool empty() const { return bytes_ == 0; }
  void reset() { *this = {}; }

 private:
  Progress read_head();
  bool read_line(std::string_view line);
  Progress read_body();
  Progress read_chunks();

  enum class Body { length, chunks, until_close };
  std::string buffer_;
  std::size_t bytes_ = 0;
  bool head_read_ = false;
  Body body_ = Body::until_close;
  std::size_t missing_ = 0;
  Answer answer_;
};

}  // namespace load
