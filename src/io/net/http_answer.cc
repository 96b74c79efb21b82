#include "io/net/http_answer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace davy::io {
namespace {

constexpr std::size_t kMostHeaders = 64 * 1024;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::string_view without_end(std::string_view line) {
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// What curl would unpack though nobody asked for it, or in ways that take memory before we see a byte (zstd: 128 MB).
bool understood(std::string_view name, const std::string& value, bool packed) {
  auto coding = lower(value);
  if (name == "transfer-encoding") return coding == "chunked" || coding == "identity";
  if (name != "content-encoding" || !packed) return true;
  return coding == "gzip" || coding == "x-gzip" || coding == "deflate" || coding == "identity" || coding.empty();
}

Duration time_of(CURL* easy, CURLINFO what) {
  curl_off_t microseconds = 0;
  ::curl_easy_getinfo(easy, what, &microseconds);
  return std::chrono::microseconds(microseconds);
}

// curl counts from the begin of the transfer, and gives 0 to what did not happen.
ports::HttpTimes times_of(CURL* easy) {
  auto name = time_of(easy, CURLINFO_NAMELOOKUP_TIME_T), connected = time_of(easy, CURLINFO_CONNECT_TIME_T),
       secured = time_of(easy, CURLINFO_APPCONNECT_TIME_T), asked = time_of(easy, CURLINFO_PRETRANSFER_TIME_T),
       answered = time_of(easy, CURLINFO_STARTTRANSFER_TIME_T);
  constexpr Duration kNone{};
  long made = 0;
  ::curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &made);
  ports::HttpTimes out{.first_byte = std::max(answered - asked, kNone)};
  if (made == 0) return out;
  out.name = name;
  out.connect = std::max(connected - name, kNone);
  out.tls = std::max(secured - connected, kNone);
  return out;
}

std::string version_of(CURL* easy) {
  long version = 0;
  ::curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
  return version == CURL_HTTP_VERSION_1_0 ? "1.0" : version == CURL_HTTP_VERSION_1_1 ? "1.1" : "2";
}

}  // namespace

std::string human_most(Bytes most) {
  constexpr std::int64_t kMebibyte = 1024 * 1024;
  return most.value % kMebibyte == 0 ? fmt::format("{} MiB", most.value / kMebibyte)
                                     : fmt::format("{} bytes", most.value);
}

void HttpReader::read_from(CURL* easy) {
  ::curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &HttpReader::header_came);
  ::curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  ::curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &HttpReader::body_came);
  ::curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
}

// No exception may pass through curl's C.
std::size_t HttpReader::header_came(char* data, std::size_t, std::size_t size, void* self) try {
  auto& reader = *static_cast<HttpReader*>(self);
  return reader.took(reader.take_line({data, size})) ? size : 0;
} catch (const std::exception&) {
  return static_cast<HttpReader*>(self)->refused_.emplace(Code::unavailable), 0;
}

std::size_t HttpReader::body_came(char* data, std::size_t, std::size_t size, void* self) try {
  auto& reader = *static_cast<HttpReader*>(self);
  return reader.took(reader.take_body({data, size})) ? size : 0;
} catch (const std::exception&) {
  return static_cast<HttpReader*>(self)->refused_.emplace(Code::unavailable), 0;
}

bool HttpReader::took(Result<> taken) {
  if (!taken) refused_ = std::move(taken.error());
  return !refused_;
}

Result<> HttpReader::take_line(std::string_view line) {
  headers_size_ += line.size();
  if (headers_size_ > kMostHeaders) return fail(Code::invalid, "more than 64 KiB of headers");
  if (done_) return {};  // trailers: counted, not kept
  bool status = std::exchange(begin_, false);
  line = without_end(line);
  if (status) {
    auto code = line.substr(std::min(line.find(' '), line.size()));
    if (code.starts_with(" 101")) return fail(Code::invalid, "a switch to another protocol that nobody asked for");
    provisional_ = code.starts_with(" 1");
    answer_.headers.clear(), last_name_.clear();
    return {};
  }
  if (!line.empty()) return take_header(line);
  begin_ = provisional_;
  done_ = !provisional_;
  return {};
}

Result<> HttpReader::take_header(std::string_view line) {
  auto colon = line.find(':');
  if (line.starts_with(' ') || line.starts_with('\t')) {  // goes on from the line before (RFC 9112, 5.2)
    if (!last_name_.empty()) answer_.headers[last_name_] += " " + std::string(trimmed(line));
    return {};
  }
  if (colon == line.npos || colon == 0)
    return fail(Code::invalid, "something that is not HTTP: a header without a name");
  last_name_ = lower(line.substr(0, colon));
  std::string value(trimmed(line.substr(colon + 1)));
  if (!understood(last_name_, value, packed_))
    return fail(Code::invalid, fmt::format("an encoding that was not asked for: {}", printable(value.substr(0, 40))));
  bool length = last_name_ == "content-length";
  if (length && (value.empty() || value.size() > 18 || value.find_first_not_of("0123456789") != value.npos))
    return fail(Code::invalid, "something that is not HTTP: a length that is no number");
  auto before = answer_.headers.find(last_name_);
  if (length && before != answer_.headers.end() && before->second != value)
    return fail(Code::invalid, "something that is not HTTP: two different lengths");
  answer_.headers[last_name_] = std::move(value);
  return {};
}

Result<> HttpReader::take_body(std::string_view piece) {
  if (piece.size() > most_ - std::min(answer_.body.size(), most_))
    return fail(Code::invalid, "more than " + human_most({static_cast<std::int64_t>(most_)}));
  answer_.body += piece;
  return {};
}

ports::HttpAnswer HttpReader::answer(CURL* easy) && {
  long status = 0;
  ::curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  answer_.status = static_cast<int>(status);
  answer_.times = times_of(easy);
  answer_.version = version_of(easy);
  return std::move(answer_);
}

}  // namespace davy::io
