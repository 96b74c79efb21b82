#include "migrations/runner/files.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "base/text.h"

namespace davy::migrations {

namespace fs = std::filesystem;

namespace {

std::string lower(std::string text) {
  for (auto& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t most) {
  std::error_code why;
  auto status = fs::status(path, why);
  if (!fs::is_regular_file(status)) return fail(Code::invalid, printable(path) + " is no plain file");
  std::ifstream in(path, std::ios::binary);
  std::string out;
  char block[64 * 1024];
  while (in.read(block, sizeof block) || in.gcount() > 0) {
    out.append(block, static_cast<std::size_t>(in.gcount()));
    if (out.size() > most) return fail(Code::invalid, fmt::format("{} is larger than {} bytes", printable(path), most));
  }
  if (!in.eof()) return fail(Code::unavailable, printable(path) + " cannot be read");
  return out;
}

Result<std::vector<File>> read_files(const std::string& folder, std::string_view ending) {
  std::error_code why;
  if (!fs::is_directory(folder, why))
    return fail(Code::invalid, fmt::format("{} is no folder{}", printable(folder), why ? ": " + why.message() : ""));
  std::vector<File> out;
  std::size_t left = kMostBytes;
  fs::directory_iterator it(folder, why), end;
  for (; !why && it != end; it.increment(why)) {
    auto name = it->path().filename().string();
    if (!lower(name).ends_with(ending)) continue;
    if (out.size() >= kMostFiles)
      return fail(Code::invalid, fmt::format("{} holds more than {} files", printable(folder), kMostFiles));
    auto text = read_file(it->path().string(), left);
    if (!text) return std::unexpected(text.error());
    left -= text->size();
    out.push_back({name, std::move(*text)});
  }
  if (why) return fail(Code::unavailable, fmt::format("reading {}: {}", printable(folder), why.message()));
  return out;
}

}  // namespace davy::migrations
