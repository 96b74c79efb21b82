#include "io/look/dns_message.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "io/net/address.h"

namespace davy::io {
namespace {

constexpr std::size_t kHeader = 12;
constexpr std::size_t kMostRecords = 1000;
constexpr unsigned kInternet = 1;

void put16(std::string& out, unsigned n) {
  out += static_cast<char>(n >> 8 & 0xff);
  out += static_cast<char>(n & 0xff);
}

// A place in a message; reading beyond its end makes it bad, and all that follows is empty.
class Cursor {
 public:
  Cursor(std::string_view all, std::size_t at) : all_(all), at_(at) {}
  bool good() const { return good_; }
  std::size_t at() const { return at_; }
  unsigned number(int bytes) {
    unsigned out = 0;
    for (auto c : take(static_cast<std::size_t>(bytes))) out = out << 8 | static_cast<unsigned char>(c);
    return out;
  }
  std::string_view take(std::size_t size) {
    if (at_ > all_.size() || size > all_.size() - at_) good_ = false;
    if (!good_) return {};
    auto out = all_.substr(at_, size);
    at_ += size;
    return out;
  }
  // One byte of length, then so many.
  std::string text() { return printable(take(number(1))); }

  // Labels, the last ones perhaps elsewhere: each pointer leads further back, so they end.
  std::string name() {
    std::string out;
    auto back = at_, end = std::string_view::npos;
    for (;;) {
      auto size = number(1);
      if (!good_ || size == 0) break;
      if (size >= 0xc0) {
        auto to = static_cast<std::size_t>((size & 0x3f) << 8 | number(1));
        if (end == std::string_view::npos) end = at_;
        if (!good_ || to >= back) return good_ = false, "";
        back = at_ = to;
        continue;
      }
      if (size > 63 || out.size() > 255) return good_ = false, "";
      out += (out.empty() ? "" : ".") + printable(take(size));
    }
    if (end != std::string_view::npos) at_ = end;
    return out.empty() ? "." : out;
  }

 private:
  std::string_view all_;
  std::size_t at_;
  bool good_ = true;
};

std::string texts(Cursor& at, std::size_t end) {
  std::string out;
  while (at.good() && at.at() < end) out += at.text();
  return out;
}

// The value of a record as a zone file would have it.
std::string value(std::string_view all, Cursor& at, std::size_t size, ports::DnsType type) {
  using enum ports::DnsType;
  auto end = at.at() + size;
  switch (type) {
    case a:
    case aaaa:
      return ip_text(all.substr(at.at(), size));
    case ns:
    case cname:
    case ptr:
      return at.name();
    case txt:
      return texts(at, end);
    case mx: {
      auto preference = at.number(2);
      return fmt::format("{} {}", preference, at.name());
    }
    case srv: {
      auto priority = at.number(2), weight = at.number(2), port = at.number(2);
      return fmt::format("{} {} {} {}", priority, weight, port, at.name());
    }
    case soa: {
      auto server = at.name(), contact = at.name();
      return fmt::format("{} {} {}", server, contact, at.number(4));
    }
    case caa: {
      auto flags = at.number(1);
      auto tag = at.text();
      return fmt::format("{} {} \"{}\"", flags, tag, printable(at.take(end - std::min(end, at.at()))));
    }
  }
  return {};
}

std::string_view refusal(unsigned code) {
  static constexpr std::string_view kCodes[] = {"", "it did not understand the question", "it failed (SERVFAIL)",
                                                "", "it cannot answer such a question",   "it refuses (REFUSED)"};
  return code < std::size(kCodes) && !kCodes[code].empty() ? kCodes[code] : "it will not answer";
}

Error no_sense() { return {Code::invalid, "the answer makes no sense"}; }

}  // namespace

Result<std::string> dns_question(std::uint16_t id, const std::string& name, ports::DnsType type) {
  std::string out;
  put16(out, id);
  out += std::string("\x01\x00\x00\x01\x00\x00\x00\x00\x00\x01", 10);  // recursion; one question, one of EDNS
  std::string_view whole = name;
  if (whole.ends_with('.')) whole.remove_suffix(1);
  auto bad = [&] { return fail(Code::invalid, "no name for the DNS: " + printable(name)); };
  if (whole.empty() || whole.size() > 253) return bad();
  for (auto label : split(whole, '.')) {
    if (label.empty() || label.size() > 63) return bad();
    out += static_cast<char>(label.size());
    out += label;
  }
  out += '\0';
  put16(out, static_cast<unsigned>(type));
  put16(out, kInternet);
  return out + std::string("\x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x00", 11);
}

bool dns_answers(std::string_view reply, std::string_view question) {
  if (reply.size() < kHeader || question.size() < kHeader || reply.substr(0, 2) != question.substr(0, 2)) return false;
  bool answers = (static_cast<unsigned char>(reply[2]) & 0x80) != 0;
  auto asked = question.substr(kHeader, question.size() - kHeader - 11);
  auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
  };
  return answers && std::ranges::equal(reply.substr(kHeader, asked.size()), asked, same);
}

Result<DnsReply> dns_reply(std::string_view reply, ports::DnsType type) {
  Cursor at(reply, 2);
  auto flags = at.number(2), questions = at.number(2), records = at.number(2);
  at.take(4);
  auto code = flags & 0xf;
  constexpr unsigned kNoSuchName = 3;
  if (code != 0 && code != kNoSuchName) return fail(Code::unavailable, std::string(refusal(code)));
  DnsReply out{.truncated = (flags & 0x200) != 0, .answer = {.exists = code == 0}};
  for (unsigned i = 0; i < questions && at.good(); ++i) at.name(), at.take(4);
  for (unsigned i = 0; i < std::min<std::size_t>(records, kMostRecords); ++i) {
    at.name();
    auto kind = at.number(2);
    at.take(2);
    auto lives = std::chrono::seconds(at.number(4) & 0x7fffffff);
    auto size = at.number(2);
    auto begin = at;
    at.take(size);
    if (!at.good()) break;
    if (kind != static_cast<unsigned>(type)) continue;
    auto said = value(reply, begin, size, type);
    if (said.empty() || !begin.good()) return std::unexpected(no_sense());
    out.answer.values.push_back(std::move(said));
    out.answer.lives = std::min<Duration>(out.answer.lives.value_or(lives), lives);
  }
  if (!at.good() && !out.truncated) return std::unexpected(no_sense());
  std::ranges::sort(out.answer.values);
  return out;
}

}  // namespace davy::io
