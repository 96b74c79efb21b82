#include "io/secrets/secrets.h"

#include <fmt/format.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/text.h"
#include "io/posix/posix.h"
#include "io/secrets/encodings.h"

namespace davy::io {
namespace {

constexpr std::size_t kLargestFile = 1024 * 1024;

// 'as it is', "with \" \\ \$ \n", or bare up to " #".
std::string unquoted(std::string_view text) {
  if (text.size() >= 2 && text.front() == '\'' && text.back() == '\'')
    return std::string(text.substr(1, text.size() - 2));
  if (text.size() < 2 || text.front() != '"' || text.back() != '"')
    return std::string(trimmed(text.substr(0, text.find(" #"))));
  std::string value;
  for (std::size_t at = 1; at + 1 < text.size(); ++at) {
    bool escape = text[at] == '\\' && at + 2 < text.size() && std::string_view("\"\\$`n").contains(text[at + 1]);
    at += escape ? 1 : 0;
    value += escape && text[at] == 'n' ? '\n' : text[at];
  }
  return value;
}

}  // namespace

Result<> only_we_can_read(const std::string& path) {
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0) return std::unexpected(system_error("reading the secrets in " + path));
  if (about.st_uid != ::geteuid() && about.st_uid != 0)
    return fail(
        Code::refused,
        fmt::format("the secrets in {} belong to the user {}, who can change them at any time", path, about.st_uid),
        "have it belong to the user who deploys, or to root");
  if ((about.st_mode & 077) == 0) return {};
  return fail(Code::refused,
              fmt::format("the secrets in {} can be read by others: its mode is {:04o}", path, about.st_mode & 07777),
              "chmod 600 " + path);
}

LockedText::LockedText(std::string_view text) : size_(text.size()) {
  auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  reserved_ = (size_ / page + 1) * page;
  auto* at = ::mmap(nullptr, reserved_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  DAVY_CHECK(at != MAP_FAILED);
  pages_ = static_cast<char*>(at);
  (void)::mlock(pages_, reserved_);
  (void)::madvise(pages_, reserved_, MADV_DONTDUMP);
  std::memcpy(pages_, text.data(), size_);
}

LockedText::LockedText(LockedText&& other) noexcept
    : pages_(std::exchange(other.pages_, nullptr)), size_(other.size_), reserved_(other.reserved_) {}

LockedText::~LockedText() {
  if (!pages_) return;
  ::explicit_bzero(pages_, reserved_);
  ::munmap(pages_, reserved_);
}

void Secrets::add_environment(const std::vector<std::string>& names) {
  for (const auto& name : names)
    if (const char* value = ::getenv(name.c_str())) values_.try_emplace(name, value);
}

Result<> Secrets::add_file(const std::string& path, const std::vector<std::string>& names) {
  if (auto good = only_we_can_read(path); !good) return good;
  auto text = read_file(path, kLargestFile);
  if (!text) return std::unexpected(text.error());
  for (auto line : split(*text, '\n')) {
    line = trimmed(line);
    if (line.starts_with("export ")) line = trimmed(line.substr(7));
    auto equals = line.find('=');
    if (line.starts_with('#') || equals == std::string_view::npos) continue;
    std::string name(trimmed(line.substr(0, equals)));
    if (std::ranges::find(names, name) == names.end()) continue;
    auto value = unquoted(trimmed(line.substr(equals + 1)));
    values_.try_emplace(name, value);
    wipe(value);
  }
  wipe(*text);
  return {};
}

std::vector<std::string> Secrets::missing(const std::vector<std::string>& names) const {
  std::vector<std::string> lacking;
  std::ranges::copy_if(names, std::back_inserter(lacking), [&](const auto& name) { return !has(name); });
  return lacking;
}

Result<std::string_view> Secrets::reveal(const SecretRef& secret) const {
  auto found = values_.find(secret.name);
  if (found != values_.end()) return found->second.view();
  return fail(Code::invalid, "the secret " + secret.name + " has no value",
              "set it in the environment or in the env-file");
}

void Secrets::for_each(const std::function<void(const std::string&, std::string_view)>& see) const {
  for (const auto& [name, value] : values_) see(name, value.view());
}

}  // namespace davy::io
