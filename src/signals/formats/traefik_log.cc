#include "signals/formats/traefik_log.h"

namespace davy::signals {
namespace {

// The last field, which is left out of what stays: "quoted", or a word. Null: there is none.
std::string_view last_field(std::string_view& text) {
  bool quoted = text.size() > 1 && text.ends_with('"');
  auto begin = quoted ? text.rfind(" \"", text.size() - 2) : text.rfind(' ');
  if (begin == text.npos) return {};
  auto out = quoted ? text.substr(begin + 2, text.size() - begin - 3) : text.substr(begin + 1);
  text = text.substr(0, begin);
  return out.data() ? out : std::string_view("");
}

// Where the request ends: a quote, a blank and the status, which is `-` where there was no answer.
std::size_t end_of_request(std::string_view text, std::size_t from) {
  int ignored = 0;
  for (auto at = text.find("\" ", from); at != text.npos; at = text.find("\" ", at + 1)) {
    auto rest = text.substr(at + 2);
    if (rest.starts_with("- ") || (rest.size() > 3 && rest[3] == ' ' && read_three_digits(rest.data(), ignored)))
      return at;
  }
  return text.npos;
}

std::string_view address_of(std::string_view url) {
  if (auto scheme = url.find("://"); scheme != url.npos) url.remove_prefix(scheme + 3);
  return url.substr(0, url.find('/'));
}

}  // namespace

Parsed TraefikLog::parse(std::string_view text, Request& out, Want want) const {
  out = kNoRequest;
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  if (text.empty()) return Parsed::other;
  auto rest = text;
  auto took = last_field(rest), url = last_field(rest), router = last_field(rest), number = last_field(rest);
  auto date = rest.find(" ["), request = rest.find("] \"", date == rest.npos ? rest.size() : date);
  std::int64_t ignored = 0;
  if (request == rest.npos || !took.ends_with("ms") || !read_digits(number, ignored)) return Parsed::broken;
  auto end = end_of_request(rest, request + 3);
  if (end == rest.npos) return Parsed::broken;
  TimeReader times;
  Draft draft(out, true, {}, times);
  auto behind = rest.substr(end + 2);
  auto status = behind.substr(0, behind.find(' '));
  behind.remove_prefix(status.size() + 1);
  bool right = draft.take(Part::start, rest.substr(date + 2, request - date - 2)) && draft.take(Part::status, status) &&
               draft.take(Part::length, took);
  if (!right) return Parsed::broken;
  draft.take(Part::backend, router);
  draft.take(Part::server, address_of(url));
  draft.take(Part::reached, url);
  if (has(want, Want::client)) draft.take(Part::client, rest.substr(0, rest.find(" - ")));
  if (has(want, Want::path)) {
    draft.take(Part::request, rest.substr(request + 3, end - request - 3));
    draft.take(Part::bytes, behind.substr(0, behind.find(' ')));
  }
  return draft.finish() ? Parsed::line : Parsed::broken;
}

}  // namespace davy::signals
