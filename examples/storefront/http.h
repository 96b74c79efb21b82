// As much of HTTP/1.1 as a small service needs: one request out of a buffer, one answer into another.
#pragma once
#include <string>
#include <string_view>

namespace storefront {

struct Request {
  std::string method;
  std::string path;  // without its query
  std::string body;
  bool keep_alive = true;
};

enum class Parsed { complete, incomplete, bad };

// Takes one request off the front of `buffer`. `bad` leaves nothing to go on with: answer 400 and close.
Parsed take_request(std::string& buffer, Request& request);

struct Response {
  int status = 200;
  std::string type = "application/json";
  std::string body;
};

struct Envelope {
  std::string_view version;
  bool close = false;
  bool head_only = false;
};
std::string to_wire(const Response&, const Envelope&);

}  // namespace storefront
