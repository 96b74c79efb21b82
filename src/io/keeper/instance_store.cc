#include "io/keeper/instance_store.h"

#include <dirent.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "io/keeper/kept_logs.h"
#include "io/posix/posix.h"

namespace davy::io {
namespace {

constexpr std::size_t kLargestNote = 1024 * 1024;

}  // namespace

Result<std::optional<ports::InstanceState>> InstanceStore::read(std::string_view name) const {
  auto path = fmt::format("{}/{}", root_, name);
  auto text = read_if_there(path + "/begun", 4096);
  if (!text) return std::unexpected(text.error());
  auto begun = *text ? parse_begun(**text) : std::nullopt;
  if (!begun) return std::nullopt;
  ports::InstanceState state;
  state.key = key_of(name);
  state.note = read_file(path + "/note", kLargestNote).value_or("");
  state.pid = begun->process.pid;
  if (begun->process.boot == boot_) state.started = started_at(begun->process);
  auto runs = lives(begun->process, boot_);
  if (!runs) return std::unexpected(runs.error());
  state.alive = *runs;
  state.log_path = path + "/log";
  auto exit = read_file(path + "/exit", 4096);
  auto ended = exit && !state.alive ? parse_ended(*exit) : std::nullopt;
  if (ended) state.exit_code = ended->exit_code, state.signal = ended->signal;
  return state;
}

Result<std::vector<ports::InstanceState>> InstanceStore::list(std::string_view key_prefix) const {
  std::vector<ports::InstanceState> found;
  std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(root_.c_str()), ::closedir);
  if (!folder && errno == ENOENT) return found;
  if (!folder) return std::unexpected(system_error("looking for instances in " + root_));
  while (const auto* entry = ::readdir(folder.get())) {
    if (entry->d_name[0] == '.' || !key_of(entry->d_name).starts_with(key_prefix)) continue;
    auto state = read(entry->d_name);
    if (!state) return std::unexpected(state.error());
    if (*state) found.push_back(std::move(**state));
  }
  std::ranges::sort(found, {}, &ports::InstanceState::key);
  return found;
}

Result<std::optional<ports::InstanceState>> InstanceStore::find(std::string_view key) const {
  return read(file_name(key));
}

std::optional<Family> InstanceStore::family(std::string_view key) const {
  auto text = read_file(folder(key) + "/begun", 4096);
  auto begun = text ? parse_begun(*text) : std::nullopt;
  if (!begun || begun->process.boot != boot_) return {};
  return Family{begun->process, fmt::format("{}={}", kInstanceVariable, folder(key))};
}

Result<> InstanceStore::forget(const std::string& key) const {
  auto whole = family(key);
  if (whole && !living(*whole).empty())
    return fail(Code::refused, fmt::format("instance {} still runs", key), "stop it first");
  keep_log(root_, key, folder(key) + "/log", wall_time());
  std::error_code error;
  std::filesystem::remove_all(folder(key), error);
  if (error) return std::unexpected(system_error("forgetting instance " + key, error.value()));
  return {};
}

}  // namespace davy::io
