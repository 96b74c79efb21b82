// A notice as mail: RFC 5322, with headers by RFC 2047 and the text by RFC 2045, so that any server takes it.
#pragma once
#include "notices/notice.h"

namespace davy::notices {

// An address that mail may be sent to, plain ASCII: one @ with something before and behind it, and no character that
// could end a header or an SMTP command.
bool mail_address(std::string_view);

// <id@the sender's domain>: it is the same when it is sent again, so a mailbox shows it once.
std::string message_id(const Notice&, std::string_view from);

// The whole message, in lines of at most 78 characters that end in CR LF. All mails of a run are one thread
// (References), and no machine should answer them (Auto-Submitted, RFC 3834).
std::string letter(const Notice&, std::string_view from, std::string_view to);

}  // namespace davy::notices
