// One request as key=value pairs: logfmt, Heroku's router, Rails with lograge. What stands before the first pair and
// reads as a time is the line's.
//
//   2026-11-21T10:00:02+00:00 heroku[router]: at=info method=GET path="/x" host=a fwd="10.0.0.9" dyno=web.1 connect=1ms
//   service=18ms status=200 bytes=13
//   method=GET path=/jobs/833 format=html controller=JobsController action=show status=200 duration=58.33 view=40.43
//
// (Heroku, "HTTP routing"; lograge, README; logfmt as go-kit and logrus write it.) As in JSON, a line that tells of a
// request but not of its status is broken, and one that tells of neither is something else.
#pragma once
#include "signals/formats/json_log.h"

namespace davy::signals {

class PairsLog {
 public:
  // Invalid: no status, a name twice.
  static Result<PairsLog> of(std::vector<JsonField>, const FormatOptions& = {});
  // "heroku", "lograge", "logfmt"; empty for what is none of these.
  static std::vector<JsonField> usual(std::string_view product);
  // Texts of which a line of that product has all.
  static std::span<const std::string_view> sure_signs(std::string_view product);

  // As JsonLog's, in the line's order.
  std::vector<JsonField> found_in(std::string_view, Saying = Saying::something) const;
  Parsed parse(std::string_view, Request&, Want = Want::all) const;
  bool operator==(const PairsLog&) const = default;

 private:
  const JsonField* find(std::string_view name) const;

  std::vector<JsonField> fields_;  // by name
  Duration zone_{};
};

}  // namespace davy::signals
