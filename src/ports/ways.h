// The ways by which people are reached: mail, webhooks, and commands of their own.
//
// What each answers decides what is told again, and how: nothing: it was taken. Code::refused: the other side said no
// and has nothing. Code::unavailable: nobody was reached, and nobody has it. Any other error: it was not taken, as far
// as anybody knows, but may have been: whoever tells it again says so. Each call ends within its timeout.
#pragma once
#include <map>
#include <string>

#include "base/time.h"
#include "base/units.h"
#include "ports/net.h"
#include "ports/task.h"

namespace davy::ports {

// Mail by a server that takes it for others (RFC 5321). smtps:// is TLS from the first byte; smtp:// demands STARTTLS,
// but from a server on this machine that asks for no password. Certificates are always verified. Refused is a letter to
// whose sender, recipient or text it says no for good (5yz); all that is not about this letter may be well later.
struct Letter {
  std::string server;  // smtp://host:587
  std::string user;    // empty: nobody logs in
  SecretRef password = {};
  std::string from, to;  // addresses, for the server
  std::string message;   // headers and text (RFC 5322), in lines that end in CR LF
  Duration timeout = std::chrono::seconds(30);
};
struct Mail {
  virtual ~Mail() = default;
  virtual Task<> send(Letter) = 0;
};

// A body to a URL. Any answer from 200 to 299 takes it; 429 is "not now", and from 500 on nobody knows; any other says
// no. Redirects are not followed.
struct Post {
  std::string url;   // or $NAME of a secret
  std::string sign;  // $NAME of a secret: header Davy-Signature is sha256= and the HMAC-SHA256 of the body, in hex
  std::string type = "application/json", body;
  std::map<std::string, std::string> headers = {};
  std::optional<HttpAuth> auth = {};
  std::string id;  // header Davy-Notice: the same when it is told again
  Duration timeout = std::chrono::seconds(10);
};
struct Hooks {
  virtual ~Hooks() = default;
  virtual Task<> post(Post) = 0;
};

// A line for /bin/sh with a text on its standard input; exit status 0 takes it, 75 (EX_TEMPFAIL of sysexits.h) is "not
// now", any other says no. Its output goes nowhere. At its timeout its whole group is killed. It ends with nobody but
// itself: when this process is killed, it goes on.
struct Saying {
  std::string line, text;
  std::map<std::string, std::string> env;  // beside this process's own
  std::string cwd;
  Duration timeout = std::chrono::seconds(60);
};
struct Sayings {
  virtual ~Sayings() = default;
  virtual Task<> say(Saying) = 0;
};

// A page for users: `file`.html and `file`.json, readable by all, the newest entries first, at most 50. The entry that
// has this id already is replaced. Each file is there whole, the old or the new one; entries of two who write at once
// are both there. Refused: there is a file that is none of Davy's pages.
struct PageEntry {
  std::string file;  // without its ending
  std::string id, event, subject, text;
  Time at{};
};
struct StatusPages {
  virtual ~StatusPages() = default;
  virtual Task<> put(PageEntry) = 0;
};

}  // namespace davy::ports
