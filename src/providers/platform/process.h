// Platform `process`: N instances of a release on ports that Davy assigns. They outlive Davy and are found again. Two
// releases run side by side.
#pragma once
#include "ports/registry.h"

namespace davy::providers {

struct PortRange {
  int first = 18100, last = 18199;
  bool operator==(const PortRange&) const = default;
};

struct HowMany {
  HowMany(std::int32_t many = 1) : n(many) {}
  std::int32_t n;
  bool operator==(const HowMany&) const = default;
};

struct ProcessOptions {
  std::string command, health, cwd, host = "127.0.0.1";
  HowMany instances;
  PortRange ports;
  Duration up_within = std::chrono::seconds(30);
  std::optional<Duration> healthy_for;  // nothing: 1 s without `health`, else no time
  Duration stop_within = std::chrono::seconds(30);
  bool one_at_a_time = false;  // read by the plan (plan::Service::side_by_side): here both can always run
};

// What is kept with an instance, as its note.
struct ProcessNote {
  std::string release, version;
  std::int32_t index = 0, port = 0;
};

// Pure.

// Enough ports for all instances; and no shell reads `cwd`.
bool fit_together(const ProcessOptions&, const spec::Value&, spec::Diagnostics&);
ProcessNote note_of(const ports::InstanceState&);  // an empty one, where it is none
std::string instance_key(const ports::Place&, const std::string& release, int index);
std::string release_of_key(std::string_view key);  // of an instance_key; empty: it is none
std::string words_of_key(std::string_view key);    // "shop 1.1.0 in production, instance 0, of run 20261128-101613-r6g"
std::string shell_text(const std::string& command);  // `exec` in front, so that the signal reaches the program itself
// folder: the release's own, where it has one; there it runs.
ports::InstanceSpec request(const ProcessOptions&, const ports::Place&, const ProcessNote&, const ports::Asking&,
                            const std::string& folder = "");

std::unique_ptr<ports::Platform> process_platform(ports::Outside&, ports::Place);

}  // namespace davy::providers

namespace davy::spec {

template <>
struct Leaf<providers::PortRange> {
  static constexpr std::string_view kNoun = "a range of ports such as 18100-18199";
  static std::optional<providers::PortRange> parse(const Value&);
  static Json print(const providers::PortRange& r) { return std::to_string(r.first) + "-" + std::to_string(r.last); }
  static Json schema() { return {{"type", "string"}, {"pattern", R"(^\d+-\d+$)"}}; }
};
template <>
struct Leaf<providers::HowMany> {
  static constexpr std::string_view kNoun = "a whole number, 1 at least";
  static std::optional<providers::HowMany> parse(const Value&);
  static Json print(const providers::HowMany& h) { return h.n; }
  static Json schema() { return {{"type", "integer"}, {"minimum", 1}}; }
};
// Their tables: process_fields.cc
template <OneOf<providers::ProcessOptions, providers::ProcessNote> T>
inline constexpr bool kApart<T> = true;

}  // namespace davy::spec
