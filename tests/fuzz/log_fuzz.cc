// Any bytes are a line, another message or broken, in every format; who asks for less agrees; what is found lies inside
// the line; many at once are read as each alone. The first byte chooses the format; behind `$` stands a pattern of the
// user's own, up to the first newline; behind `?` all is lines to guess from; behind `!` lines with something around
// them, which the next byte chooses.
#include <cstdlib>
#include <vector>

#include "signals/formats/format.h"
#include "signals/traffic/accumulator.h"

namespace {

using davy::signals::Format;
using davy::signals::FormatOptions;
using davy::signals::Parsed;
using davy::signals::Request;
using davy::signals::Want;

void require(bool held) {
  if (!held) std::abort();
}

const std::vector<Format>& formats() {
  static const std::vector<Format> all = [] {
    std::vector<Format> out;
    auto add = [&](std::string_view text, const FormatOptions& options = {}) {
      auto made = Format::from(text, options);
      require(made.has_value());
      out.push_back(*made);
    };
    add("haproxy");
    add("haproxy", {.release = "capture:1"});
    add("nginx");
    add("$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" "
        "\"$http_user_agent\" rt=$request_time urt=\"$upstream_response_time\" ups=\"$upstream_addr\"");
    add("$remote_addr $upstream_addr $upstream_status $status $request_time", {.release = "path:1"});
    add("apache");
    add("%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-agent}i\" %D");
    add("json");
    add("json:caddy");
    add("json:traefik");
    add("json:envoy");
    add("json:status=a.b.c,latency=took:us,server=pod");
    for (auto name :
         {"traefik", "envoy", "alb", "elb", "s3", "cloudfront", "iis", "squid", "uvicorn", "morgan", "heroku",
          "lograge", "logfmt", "json:pino", "json:ecs", "json:gcp", "json:kong", "json:cloudflare"})
      add(name);
    return out;
  }();
  return all;
}

void inside(std::string_view text, std::string_view part) {
  if (!part.empty()) require(part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size());
}

void look(const Format& format, std::string_view text) {
  Request full, lean;
  auto parsed = format.parse(text, full);
  require(format.parse(text, lean, Want::counts) == parsed);
  if (parsed != Parsed::line) return;
  require(full.end == lean.end && full.server == lean.server && full.backend == lean.backend &&
          full.release == lean.release && full.status == lean.status && full.latency == lean.latency &&
          full.outcome == lean.outcome && full.tried == lean.tried);
  require(full.latency >= davy::Duration{} && full.status >= 0 && full.status <= 999);
  for (auto part : {full.client, full.backend, full.server, full.release, full.method, full.path, full.host,
                    full.termination, full.tried})
    inside(text, part);
  davy::signals::Accumulator lines({.format = format});
  lines.line(text);
  require(lines.finish({}, {}).lines == 1);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty() && out.size() < 20) {
    auto end = std::min(text.find('\n'), text.size());
    out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

// Line by line, what is left is read as if it had stood alone.
void unwrap(davy::signals::Wrapping wrapping, const Format& format, std::string_view text) {
  davy::signals::Unwrapper unwrapper(wrapping);
  for (auto line : lines_of(text))
    if (auto bare = unwrapper.line(line)) {
      require(bare->size() <= line.size() + davy::signals::Unwrapper::kLongest);
      look(format, *bare);
    }
}

// The same bytes as a block of lines, in a buffer that ends where they do.
void together(const Format& format, std::string_view text, Want want) {
  std::vector<char> block(text.begin(), text.end());
  davy::signals::Block lines({block.data(), block.size()}, format.dividers());
  for (auto some = lines.next(); !some.empty(); some = lines.next()) {
    format.parse(some, lines.marks(), lines.recent(), want);
    for (auto& one : some) {
      Request alone;
      require(format.parse(one.text, alone, want) == one.parsed);
      require(one.parsed != Parsed::line || (alone.end == one.line.end && alone.server == one.line.server &&
                                             alone.path == one.line.path && alone.status == one.line.status &&
                                             alone.latency == one.line.latency && alone.outcome == one.line.outcome));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  if (data[0] == '$') {
    auto end = std::min(text.find('\n'), text.size());
    if (auto made = Format::from(text.substr(0, end))) look(*made, text.substr(std::min(end + 1, text.size())));
  } else if (data[0] == '?') {
    if (auto made = Format::guess(lines_of(text))) {
      require(!made->taken_for().empty());
      auto bare = *made;
      bare.wrap({});
      unwrap(made->wrapping(), bare, text);
    }
  } else if (data[0] == '!' && !text.empty()) {
    davy::signals::Wrapping wrapping;
    for (unsigned one = 1; one <= 64; one *= 2)
      if (static_cast<unsigned char>(text[0]) & one) wrapping.add(static_cast<davy::signals::Wrap>(one));
    unwrap(wrapping, formats()[2], text.substr(1));
  } else {
    look(formats()[data[0] % formats().size()], text);
    for (auto want : {Want::counts, Want::all}) together(formats()[data[0] % formats().size()], text, want);
  }
  return 0;
}
