// What others write around the lines of a log on their way to a file: a container's runtime, `docker logs -t`, compose,
// syslog, a terminal's colours. It must come off before a line is read: what stands before an address is not the
// client's name, and JSON inside of JSON is nobody's.
//
//   2026-11-21T10:00:02.123456789Z stdout F TEXT        Kubernetes (CRI logging format; P: goes on in the next line)
//   {"log":"TEXT\n","stream":"stdout","time":"…"}        Docker's json-file driver; without \n it goes on
//   {"message":"TEXT", …}                                journald, Fluent Bit, Filebeat
//   web-1  | TEXT                                        docker compose logs
//   [pod/shop-1/web] TEXT                                kubectl logs --prefix
//   2026-11-21T10:00:02.123456789Z TEXT                  docker logs -t, kubectl logs --timestamps
//   Nov 21 10:00:02 host nginx[7]: TEXT                  syslog: RFC 3164, RFC 5424 and rsyslog's file formats
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace davy::signals {

// They come off in this order, each once.
enum class Wrap : unsigned { docker = 1, message = 2, cri = 4, colours = 8, compose = 16, stamp = 32, syslog = 64 };

class Wrapping {
 public:
  constexpr bool has(Wrap one) const { return (all_ & unsigned(one)) != 0; }
  constexpr void add(Wrap one) { all_ |= unsigned(one); }
  constexpr void add(Wrapping other) { all_ |= other.all_; }
  constexpr bool none() const { return all_ == 0; }
  std::string said() const;  // "lines of Docker's json-file"; empty for none
  bool operator==(const Wrapping&) const = default;

  // What nobody would write by chance around at least half of these lines.
  static Wrapping sure(std::span<const std::string_view> lines);
  // The same, and a time or a syslog header before at least half of them, which a format may know for itself.
  static Wrapping likely(std::span<const std::string_view> lines);

 private:
  unsigned all_ = 0;
};

// Takes it off, line by line. A line that has none of it is left as it is.
class Unwrapper {
 public:
  static constexpr std::size_t kLongest = 256 * 1024;  // of a line in parts; what is longer is cut, and so broken
  explicit Unwrapper(Wrapping wrapping) : wrapping_(wrapping) {}

  // None: the line goes on in the next one. Valid until the next call, and as long as `text`.
  std::optional<std::string_view> line(std::string_view text);

 private:
  bool escaped(std::string_view& text, std::string_view key);
  bool joined(std::string_view& text, bool ended);

  Wrapping wrapping_;
  std::string held_, open_, plain_;
};

}  // namespace davy::signals
