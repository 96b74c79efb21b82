// What `process` asks for: keys, command lines, environments. Pure.
#include <fmt/format.h>

#include <cctype>
#include <charconv>

#include "base/text.h"
#include "providers/platform/process.h"

namespace davy::providers {
namespace {

// Keys of instances take few characters; others become ~ and their code, so that no two releases share a key.
std::string plain(std::string_view name) {
  std::string out;
  for (char c : name) {
    auto letter = std::isalnum(static_cast<unsigned char>(c)) || std::string_view("-_.+").contains(c);
    out += letter ? std::string(1, c) : fmt::format("~{:02x}", static_cast<unsigned char>(c));
  }
  return out;
}

// One program with its arguments; lists, pipes, assignments and the shell's own words need the shell to stay.
bool simple(std::string_view command) {
  constexpr std::string_view kShellWords[] = {"cd",   "export", "set",  "if",   "for",    "while", ".",
                                              "case", "{",      "trap", "exec", "ulimit", "umask", "until"};
  auto first = command.substr(0, command.find_first_of(" \t"));
  return command.find_first_of("&;|<>()\n`") == command.npos && !first.contains('=') &&
         std::ranges::find(kShellWords, first) == std::end(kShellWords);
}

}  // namespace

bool fit_together(const ProcessOptions& o, const spec::Value& given, spec::Diagnostics& d) {
  auto mark_of = [&](std::string_view key) {
    auto found = given.find(key);
    return found ? found->mark : given.mark;
  };
  auto ports = o.ports.last - o.ports.first + 1;
  bool narrow = ports < o.instances.n;
  if (narrow)
    d.add(mark_of("instances"), fmt::format("{} instances of a release on {} ports", o.instances.n, ports),
          "a wider `ports`: each instance listens on one of its own, those of two releases at once");
  auto variable = o.cwd.find('$');
  bool bare = variable != o.cwd.npos && !o.cwd.substr(variable).starts_with("${");
  if (bare) d.add(mark_of("cwd"), fmt::format("`{}`, which no shell reads", o.cwd), "`${version}`, with braces");
  return !narrow && !bare;
}

std::string instance_key(const ports::Place& at, const std::string& release, int index) {
  return fmt::format("{}.{}/{}/{}", plain(at.service), plain(at.environment), plain(release), index);
}

std::string release_of_key(std::string_view key) {
  auto parts = split(key, '/');
  std::string out;
  if (parts.size() != 3) return out;
  for (std::size_t i = 0; i < parts[1].size(); ++i) {
    unsigned code = 0;
    auto at = parts[1].data() + i + 1;
    bool escaped = parts[1][i] == '~' && i + 2 < parts[1].size() && std::from_chars(at, at + 2, code, 16).ptr == at + 2;
    out += escaped ? static_cast<char>(code) : parts[1][i];
    i += escaped ? 2 : 0;
  }
  return out;
}

// A release's id is service@version~run (run::Release::id).
std::string words_of_key(std::string_view key) {
  auto release = release_of_key(key);
  auto parts = split(key, '/');
  auto version = release.find('@'), run = release.rfind('~');
  if (version == release.npos || run == release.npos || run < version) return std::string(key);
  auto environment = parts[0].substr(std::min(parts[0].rfind('.'), parts[0].size() - 1) + 1);
  auto index = parts[2].substr(0, parts[2].find('.'));  // a log that was kept: "0.1795880531.log"
  return fmt::format("{} {} in {}, instance {}, of run {}", release.substr(0, version),
                     release.substr(version + 1, run - version - 1), environment, index, release.substr(run + 1));
}

std::string shell_text(const std::string& command) {
  auto text = std::string(trimmed(command));
  return simple(text) ? "exec " + text : text;
}

ports::InstanceSpec request(const ProcessOptions& o, const ports::Place& at, const ProcessNote& note,
                            const ports::Asking& who, const std::string& folder) {
  auto env = who.variables;
  env["port"] = std::to_string(note.port);
  env["version"] = note.version;
  env["release"] = note.release;
  env["index"] = std::to_string(note.index);
  env["service"] = at.service;
  env["environment"] = at.environment;
  return {.argv = {"/bin/sh", "-c", shell_text(o.command)},
          .env = std::move(env),
          .secret_env = who.secrets,
          .cwd = folder.empty()  ? ports::beside(who.directory, o.cwd)
                 : o.cwd.empty() ? folder
                                 : ports::beside(folder, o.cwd),
          .note = spec::dump(spec::encode(note))};
}

ProcessNote note_of(const ports::InstanceState& s) {
  auto json = spec::parse_json(s.note);
  auto note = json ? spec::decoded<ProcessNote>(spec::from_json(*json), "note") : fail(Code::invalid, "");
  return note ? *note : ProcessNote{};
}

}  // namespace davy::providers

namespace davy::spec {

std::optional<providers::HowMany> Leaf<providers::HowMany>::parse(const Value& v) {
  auto text = scalar_text(v).value_or("");
  std::int32_t n = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size() || n < 1) return {};
  return n;
}

std::optional<providers::PortRange> Leaf<providers::PortRange>::parse(const Value& v) {
  auto text = scalar_text(v).value_or("");
  auto parts = split(text, '-');
  if (parts.size() != 2) return {};
  providers::PortRange out;
  for (auto [part, port] : {std::pair(parts[0], &out.first), {parts[1], &out.last}}) {
    part = trimmed(part);
    auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), *port);
    if (error != std::errc{} || end != part.data() + part.size()) return {};
  }
  if (out.first < 1 || out.last > 65535 || out.first > out.last) return {};
  return out;
}

}  // namespace davy::spec
