#include "answer.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace load {
namespace {

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, [&](char x, char y) { return lower(x) == lower(y); });
}

bool read_number(std::string_view text, std::size_t& to, int base = 10) {
  return std::from_chars(text.data(), text.data() + text.size(), to, base).ec == std::errc{};
}

}  // namespace

AnswerReader::Progress AnswerReader::feed(std::string_view bytes) {
  bytes_ += bytes.size();
  buffer_.append(bytes);
  if (!head_read_)
    if (const auto head = read_head(); head != Progress::complete) return head;
  return read_body();
}

AnswerReader::Progress AnswerReader::at_end_of_stream() {
  return head_read_ && body_ == Body::until_close ? Progress::complete : Progress::bad;
}

AnswerReader::Progress AnswerReader::read_head() {
  const auto end = buffer_.find("\r\n\r\n");
  if (end == buffer_.npos) return buffer_.size() > 64 * 1024 ? Progress::bad : Progress::more;
  std::string_view rest = std::string_view(buffer_).substr(0, end);
  std::size_t status = 0;
  if (!rest.starts_with("HTTP/1.") || rest.size() < 12 || !read_number(rest.substr(9, 3), status)) return Progress::bad;
  answer_.status = static_cast<int>(status);
  while (!rest.empty()) {
    const auto line_end = rest.find("\r\n");
    if (!read_line(rest.substr(0, line_end))) return Progress::bad;
    rest = line_end == rest.npos ? std::string_view{} : rest.substr(line_end + 2);
  }
  if (status == 204 || status == 304) body_ = Body::length, missing_ = 0;
  buffer_.erase(0, end + 4);
  head_read_ = true;
  return Progress::complete;
}

bool AnswerReader::read_line(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == line.npos) return true;  // the status line
  const auto name = line.substr(0, colon);
  const auto value = davy::trimmed(line.substr(colon + 1));
  if (same_word(name, "content-length")) {
    if (body_ == Body::until_close) body_ = Body::length;
    return read_number(value, missing_);
  }
  if (same_word(name, "transfer-encoding")) body_ = Body::chunks;
  if (same_word(name, "connection")) answer_.close = same_word(value, "close");
  if (same_word(name, "x-version")) answer_.version = value;
  if (same_word(name, "retry-after")) answer_.retry_after = true;
  if (same_word(name, "set-cookie")) answer_.cookies.emplace_back(value.substr(0, value.find(';')));
  return true;
}

AnswerReader::Progress AnswerReader::read_body() {
  if (body_ == Body::chunks) return read_chunks();
  if (body_ == Body::until_close) return buffer_.clear(), Progress::more;
  const auto taken = std::min(missing_, buffer_.size());
  missing_ -= taken;
  if (buffer_.size() > taken) return Progress::bad;  // we never pipeline: nothing may follow
  buffer_.clear();
  return missing_ == 0 ? Progress::complete : Progress::more;
}

// Trailers are not supported: no server here sends any.
AnswerReader::Progress AnswerReader::read_chunks() {
  for (;;) {
    const auto line_end = buffer_.find("\r\n");
    if (line_end == buffer_.npos) return Progress::more;
    std::size_t size = 0;
    if (!read_number(buffer_, size, 16)) return Progress::bad;
    if (buffer_.size() < line_end + 2 + size + 2) return Progress::more;
    buffer_.erase(0, line_end + 2 + size + 2);
    if (size == 0) return buffer_.empty() ? Progress::complete : Progress::bad;
  }
}

}  // namespace load
