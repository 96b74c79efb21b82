#include "notices/letter.h"

#include <fmt/format.h>

#include <algorithm>

#include "notices/bodies.h"

namespace davy::notices {
namespace {

using namespace std::chrono;

std::string base64(std::string_view bytes) {
  constexpr std::string_view kSigns = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    auto here = bytes.substr(i, 3);
    std::uint32_t three = 0;
    for (std::size_t k = 0; k < 3; ++k)
      three = three << 8 | (k < here.size() ? static_cast<unsigned char>(here[k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += k <= here.size() ? kSigns[three >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

// A piece of at most `most` bytes that ends with a whole character of UTF-8.
std::size_t whole(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text.size();
  auto end = most;
  while (end > 1 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return end;
}

// Encoded words of at most 75 characters, each on a line of its own (RFC 2047, section 2).
std::string encoded_words(std::string_view text) {
  constexpr std::size_t kBytes = 42;  // 56 of base64, and 12 around them
  std::string out;
  while (!text.empty()) {
    auto size = whole(text, kBytes);
    out += (out.empty() ? "" : "\r\n ") + ("=?utf-8?B?" + base64(text.substr(0, size)) + "?=");
    text.remove_prefix(size);
  }
  return out;
}

// As it stands where that is allowed and short enough for its line.
std::string unstructured(std::string_view text) {
  constexpr std::size_t kShort = 60;
  bool plain = std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
  return plain && text.size() <= kShort && !text.contains("=?") ? std::string(text) : encoded_words(text);
}

std::string date(Time at) {
  auto day = floor<days>(at);
  year_month_day date{day};
  hh_mm_ss time{floor<std::chrono::seconds>(at - day)};
  constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return fmt::format("{}, {} {} {} {:02}:{:02}:{:02} +0000", kDays[weekday{day}.c_encoding()],
                     static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
                     time.seconds().count());
}

std::string domain_of(std::string_view address) { return std::string(address.substr(address.find('@') + 1)); }

std::string body_lines(std::string_view text) {
  std::string lines;
  for (char c : text) {
    if (c == '\n') lines += '\r';
    lines += c;
  }
  auto packed = base64(lines);
  std::string out;
  for (std::size_t at = 0; at < packed.size(); at += 76) out += packed.substr(at, 76) + "\r\n";
  return out;
}

}  // namespace

bool mail_address(std::string_view address) {
  auto at = address.find('@');
  auto fine = [](char c) { return c > ' ' && c <= '~' && !std::string_view("<>()[],;:\\\"@").contains(c); };
  return at != address.npos && at > 0 && at + 1 < address.size() && address.size() <= 254 &&
         std::ranges::all_of(address.substr(0, at), fine) && std::ranges::all_of(address.substr(at + 1), fine);
}

std::string message_id(const Notice& n, std::string_view from) { return fmt::format("<{}@{}>", n.id, domain_of(from)); }

std::string letter(const Notice& n, std::string_view from, std::string_view to) {
  return fmt::format(
             "From: Davy <{}>\r\nTo: <{}>\r\nSubject: {}\r\nDate: {}\r\nMessage-ID: {}\r\nReferences: <{}@{}>\r\n",
             from, to, unstructured(headline(n)), date(n.at), message_id(n, from), n.run, domain_of(from)) +
         "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
         "Content-Transfer-Encoding: base64\r\n\r\n" +
         body_lines(spoken(n) + "\n");
}

}  // namespace davy::notices
