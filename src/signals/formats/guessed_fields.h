// What stands behind the status of a line in the Common Log Format, told from all lines of one shape: nginx's,
// Apache's, Tomcat's own fields. A figure that may be several things is none: a ratio or a port that is taken for a
// latency rolls a good release back, and a forwarded address that is taken for a server makes its errors nobody's.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace davy::signals {

struct TailField {
  std::string_view key;  // of key=value
  bool quoted = false;
  std::string_view value;
};

// key=value, key="value", "value", [value] or value, with blanks between; a list ("a, b : c") is one value.
std::vector<TailField> fields_of(std::string_view tail);

// Fields in the same order with the same names, whatever their values.
bool same_shape(std::span<const TailField>, std::span<const TailField>);

// Who wrote a whole number behind the user agent. nginx writes none of time. Tomcat's and Jetty's %D is milliseconds or
// microseconds by their version (Tomcat 10, Jetty 9.4.15).
enum class Figures { of_anybody, of_nginx, of_apache, of_java };

struct GuessedTail {
  std::string pattern;    // as nginx would write it
  std::string doubt;      // why no latency is taken from it, for people; empty: it says one, or nothing looks like one
  bool of_start = false;  // Apache's and Tomcat's dates are of a request's beginning
};

// At least one line, all of one shape.
GuessedTail guess_tail(std::span<const std::vector<TailField>> lines, Figures);

}  // namespace davy::signals
