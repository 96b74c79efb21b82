#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "ports/task.h"

namespace davy::ports {

// `Authorization`, made by src/io from the value of a secret: Bearer, or Basic where there is a user.
struct HttpAuth {
  std::string user;
  SecretRef secret;
};
// Redirects are answers, not followed, unless `redirects` says how many may be. Certificates are always verified: there
// is no way to ask without that, only to trust others (`ca`).
struct HttpRequest {
  std::string method = "GET", url, body;  // http+unix://%2Frun%2Fx.sock/path goes over a unix socket
  std::map<std::string, std::string> headers;
  Duration timeout = std::chrono::seconds(5);  // of all of it: names, handshakes, redirects, the answer
  std::optional<HttpAuth> auth = {};
  std::set<std::string> secrets = {};  // a header's value that is `$NAME` of one of these is replaced by its value at
                                       // the very edge
  bool secrets_in_body = false;        // and so is a text in the body, which is JSON that the plan wrote as a map
  std::string ca = {};                 // file of certificates that are trusted instead of the usual ones
  std::string certificate = {}, key = {};  // files (PEM) with which Davy shows who it is; the key unencrypted
  std::optional<std::string> proxy = {};   // absent: the environment's, never for loopback; "": none
  int redirects = 0;                       // to another host without headers and secrets; never from https to http
  Bytes most{4 * 1024 * 1024};             // of all that is received for the answer; and of the body, unpacked
  bool packed = false;                     // asks for gzip, and unpacks it
  bool keep = false;  // the connection may serve several requests. Not for what asks "are you there?": a process that
                      // is on its way out goes on answering on connections that it has
};
// Of the last connection. What did not happen is zero: names and handshakes on a connection that was kept.
struct HttpTimes {
  Duration name{}, connect{}, tls{};  // looking up the name, the connection, the handshake
  Duration first_byte{};              // from the request's begin on the connection to the answer's
};
struct HttpAnswer {
  int status = 0;                              // of the final answer: 100 to 199 are passed over
  std::map<std::string, std::string> headers;  // lower-case names; the last of several
  std::string body;
  Duration took{};  // all of it
  HttpTimes times = {};
  std::string version = {};  // 1.0, 1.1, 2
};
// Code::unavailable: not resolved, refused, reset; Code::timed_out; Code::invalid: not a URL, a certificate that is not
// accepted, garbage for an answer, more than `most` bytes or 64 KiB of headers.
struct Http {
  virtual ~Http() = default;
  virtual Task<HttpAnswer> send(HttpRequest) = 0;
};

// One turn of a dialogue: `send` as it is, then listen until `until` has come. Either may be empty.
struct Turn {
  std::string send, until;
};
struct Dialogue {
  std::vector<std::string> heard;  // in each turn; the last one is where `until` did not come, unless it is whole
  bool whole = false;
};

// One question over a stream socket: connect, send `text`, read until the other side closes. HAProxy's runtime API.
// address: a path (unix socket) or host:port.
struct Dialer {
  virtual ~Dialer() = default;
  virtual Task<std::string> ask(std::string address, std::string text, Duration timeout = std::chrono::seconds(2)) = 0;
  virtual Task<> connect(std::string address, Duration timeout) = 0;  // tcp probe: answers when it is accepted
  // Turn by turn over one connection, in `timeout` in all. What was awaited and did not come (in time, or before the
  // other side closed or 64 KiB were heard) is an answer that is not whole. Code::unavailable: no connection came
  // about.
  virtual Task<Dialogue> talk(std::string address, std::vector<Turn>, Duration timeout) {
    (void)timeout;
    co_return fail(Code::unavailable, "nobody can talk to " + address + " here");
  }
};

}  // namespace davy::ports
