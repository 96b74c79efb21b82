#include "folders/download.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "base/shown_url.h"
#include "base/text.h"

namespace davy::folders {
namespace {

constexpr std::size_t kMostOfSums = 1024 * 1024, kSum = 64;

struct Into {
  int file;
  std::int64_t left;
  int error = 0;
  bool too_much = false;
  static std::size_t take(char* data, std::size_t one, std::size_t count, void* self) {
    auto& into = *static_cast<Into*>(self);
    auto size = one * count;
    into.left -= static_cast<std::int64_t>(size);
    into.too_much = into.left < 0;
    if (into.too_much || io::write_all(into.file, {data, size})) return into.too_much ? 0 : size;
    into.error = errno;
    return 0;
  }
};

using Curl = std::unique_ptr<CURL, void (*)(CURL*)>;

void set_up(CURL* curl, const std::string& url, Into& into) {
  bool secure = url.starts_with("https://");
  ::curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  ::curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  ::curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
  ::curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  ::curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
  ::curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
  ::curl_easy_setopt(curl, CURLOPT_NETRC, CURL_NETRC_OPTIONAL);
  ::curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 15L);
  ::curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  ::curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, 60L);
  ::curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(curl, CURLOPT_USERAGENT, "davy");
  ::curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Into::take);
  ::curl_easy_setopt(curl, CURLOPT_WRITEDATA, &into);
}

// sha256sum writes the name behind the sum; some write it before, in brackets.
bool names(std::string_view line, std::string_view archive) {
  auto at = line.find(archive);
  if (at == line.npos) return false;
  auto ends = [](char c) { return std::string_view(" \t*/()").contains(c); };
  auto end = at + archive.size();
  return (at == 0 || ends(line[at - 1])) && (end == line.size() || ends(line[end]));
}

std::string sum_of_line(std::string_view line) {
  std::string out;
  for (char c : line) {
    bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (hex)
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (out.size() == kSum)
      return out;
    else
      out.clear();
  }
  return out.size() == kSum ? out : "";
}

}  // namespace

bool is_address(const std::string& place) { return place.starts_with("http://") || place.starts_with("https://"); }

Result<> download(const std::string& url, const std::string& file, Bytes most) {
  io::Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return std::unexpected(io::system_error("writing " + file));
  Curl curl(::curl_easy_init(), ::curl_easy_cleanup);
  Into into{fd.get(), most.value};
  set_up(curl.get(), url, into);
  auto ended = ::curl_easy_perform(curl.get());
  if (ended == CURLE_OK) return {};
  if (into.too_much) return fail(Code::invalid, fmt::format("{} is larger than {}", shown_url(url), human(most)));
  if (into.error != 0) return std::unexpected(io::system_error("writing " + file, into.error));
  long status = 0;
  ::curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  auto why = status >= 400 ? fmt::format("it answers {}", status) : std::string(::curl_easy_strerror(ended));
  return fail(Code::unavailable, fmt::format("{}: {}", shown_url(url), why));
}

Result<io::Fd> open_archive(const std::string& place, const std::string& beside, Bytes most) {
  if (is_address(place))
    if (auto there = download(place, beside, most); !there) return std::unexpected(there.error());
  auto& path = is_address(place) ? beside : place;
  io::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // nobody may write into a FIFO that was named
  if (!fd) return std::unexpected(io::system_error("reading " + path));
  return fd;
}

Result<std::string> expected_sum(const std::string& said, const std::string& archive, const std::string& beside) {
  if (said.size() == kSum && sum_of_line(said) != "") return sum_of_line(said);
  auto file = said;
  if (is_address(said)) {
    file = beside;
    if (auto there = download(said, beside, Bytes{static_cast<std::int64_t>(kMostOfSums)}); !there)
      return std::unexpected(there.error());
  }
  auto text = io::read_file(file, kMostOfSums);
  if (!text) return text;
  auto path = archive.substr(0, is_address(archive) ? archive.find_first_of("?#") : archive.npos);
  auto sum = sum_in(*text, path.substr(path.rfind('/') + 1));
  if (sum.empty())
    return fail(Code::invalid, shown_url(said) + " has no SHA-256 of " + shown_url(archive), "as sha256sum writes it");
  return sum;
}

std::string sum_in(std::string_view text, std::string_view archive) {
  std::string only;
  int sums = 0;
  for (auto line : split(text, '\n')) {
    auto sum = sum_of_line(line);
    if (sum.empty()) continue;
    if (names(trimmed(line), archive)) return sum;
    only = sum, ++sums;
    if (trimmed(line).size() != kSum) ++sums;  // it is the sum of something else
  }
  return sums == 1 ? only : "";
}

}  // namespace davy::folders
