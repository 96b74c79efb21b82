#include "io/ways/smtp.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace davy::io {
namespace {

bool is_reply_line(std::string_view line) {
  return line.size() >= 3 && std::ranges::all_of(line.substr(0, 3), [](unsigned char c) { return std::isdigit(c); }) &&
         line[0] >= '2' && line[0] <= '5' && (line.size() == 3 || line[3] == ' ' || line[3] == '-');
}

}  // namespace

Result<std::optional<SmtpReply>> next_reply(std::string& heard) {
  SmtpReply out;
  for (std::size_t at = 0;;) {
    auto end = heard.find('\n', at);
    if (end == heard.npos) return std::nullopt;
    auto line = trimmed(std::string_view(heard).substr(at, end - at));
    at = end + 1;
    if (!is_reply_line(line))
      return fail(Code::invalid, "it says `" + printable(line.substr(0, 100)) + "`, which is no SMTP");
    out.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    out.text += (out.text.empty() ? "" : "\n") + std::string(line.substr(std::min<std::size_t>(4, line.size())));
    if (line.size() > 3 && line[3] == '-') continue;
    heard.erase(0, at);
    return out;
  }
}

std::string dotted(std::string_view message) {
  std::string out;
  bool begins = true;
  for (char c : message) {
    if (begins && c == '.') out += '.';
    out += c;
    begins = c == '\n';
  }
  return out + (begins ? ".\r\n" : "\r\n.\r\n");
}

}  // namespace davy::io
