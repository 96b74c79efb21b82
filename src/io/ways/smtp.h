// The bytes of SMTP (RFC 5321), pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace davy::io {

struct SmtpReply {
  int code = 0;
  std::string text;                              // its lines, each without its code
  bool positive() const { return code < 400; }   // it goes on, or was done
  bool for_good() const { return code >= 500; }  // said no, and will again; from 400 on it may say yes later
};

// Takes the first whole reply out of what was heard; nothing: more must come. Code::invalid: it is none.
Result<std::optional<SmtpReply>> next_reply(std::string& heard);

// A message as it follows DATA: dots at the beginning of a line doubled, and the line that ends it.
std::string dotted(std::string_view message);

}  // namespace davy::io
