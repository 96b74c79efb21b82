#include "folders/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>

#include "base/text.h"
#include "io/posix/posix.h"

namespace davy::folders {
namespace {

constexpr std::size_t kBlock = 256 * 1024, kLongestName = 3000;
constexpr std::ptrdiff_t kDeepest = 200;

class Sum {
 public:
  Sum() : context_(::EVP_MD_CTX_new(), ::EVP_MD_CTX_free) {
    ::EVP_DigestInit_ex(context_.get(), ::EVP_sha256(), nullptr);
  }
  void add(std::string_view bytes) { ::EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
  std::string text() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    ::EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
    std::string out;
    for (unsigned i = 0; i < size; ++i) out += fmt::format("{:02x}", digest[i]);
    return out;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

// A block of the file, to its end: an empty one.
Result<std::string_view> next_block(int file, std::string& room) {
  room.resize(kBlock);
  for (;;) {
    auto size = ::read(file, room.data(), room.size());
    if (size >= 0) return std::string_view(room.data(), static_cast<std::size_t>(size));
    if (errno != EINTR) return std::unexpected(io::system_error("reading the archive"));
  }
}

// What libarchive reads, summed up on its way.
struct Source {
  int file;
  std::string room{};
  Sum sum{};
  static la_ssize_t read(archive*, void* self, const void** out) {
    auto& source = *static_cast<Source*>(self);
    auto block = next_block(source.file, source.room);
    if (!block) return -1;
    source.sum.add(*block);
    *out = block->data();
    return static_cast<la_ssize_t>(block->size());
  }
  // Behind the end of what is unpacked there may be more of the file.
  Result<> to_its_end() {
    for (;;) {
      auto block = next_block(file, room);
      if (!block) return std::unexpected(block.error());
      if (block->empty()) return {};
      sum.add(*block);
    }
  }
};

using Reading = std::unique_ptr<archive, int (*)(archive*)>;

Reading reader(Source& source) {
  Reading out(::archive_read_new(), ::archive_read_free);
  auto* a = out.get();
  for (auto filter :
       {::archive_read_support_filter_gzip, ::archive_read_support_filter_bzip2, ::archive_read_support_filter_xz,
        ::archive_read_support_filter_zstd, ::archive_read_support_filter_lz4})
    filter(a);
  for (auto format : {::archive_read_support_format_tar, ::archive_read_support_format_zip_streamable}) format(a);
  ::archive_read_open(a, &source, nullptr, Source::read, nullptr);
  return out;
}

std::unexpected<Error> refused_entry(std::string_view name, std::string_view why) {
  return fail(Code::invalid,
              fmt::format("the archive has {}, {}: nothing of it is used", printable(name.substr(0, 200)), why));
}

std::unexpected<Error> unreadable(archive* a) {
  auto why = ::archive_error_string(a);
  return fail(Code::invalid, fmt::format("the archive cannot be read: {}", printable(why ? why : "it is cut")));
}

std::unexpected<Error> unwritable(archive* disk, std::string_view name) {
  auto error = ::archive_errno(disk);
  auto doing = "unpacking " + printable(name.substr(0, 200));
  if (error > 0) return std::unexpected(io::system_error(doing, error));
  auto why = ::archive_error_string(disk);
  return fail(Code::invalid, doing + ": " + printable(why ? why : "it cannot be written"));
}

std::string text_or(const char* text) { return text ? text : ""; }

class Unpacking {
 public:
  Unpacking(archive* from, const Bounds& bounds)
      : from_(from), bounds_(bounds), disk_(::archive_write_disk_new(), ::archive_write_free) {
    ::archive_write_disk_set_options(disk_.get(), ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT |
                                                      ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS | ARCHIVE_EXTRACT_TIME);
  }

  Result<> all() {
    for (;;) {
      archive_entry* entry = nullptr;
      int got = ::archive_read_next_header(from_, &entry);
      if (got == ARCHIVE_EOF) return closed();
      if (got != ARCHIVE_OK && got != ARCHIVE_WARN) return unreadable(from_);
      if (++entries_ > bounds_.entries)
        return fail(Code::invalid, fmt::format("the archive has more than {} entries", bounds_.entries));
      if (auto fine = one(entry); !fine) return fine;
    }
  }

 private:
  Result<> one(archive_entry* entry) {
    auto name = text_or(::archive_entry_pathname(entry));
    if (auto may = may_be(entry, name); !may) return may;
    ::archive_entry_set_perm(entry, ::archive_entry_perm(entry) & 0777);
    if (::archive_write_header(disk_.get(), entry) != ARCHIVE_OK) return unwritable(disk_.get(), name);
    auto claimed = ::archive_entry_size_is_set(entry) != 0 ? ::archive_entry_size(entry) : 0;
    if (auto written = contents(name, claimed); !written) return written;
    if (::archive_write_finish_entry(disk_.get()) != ARCHIVE_OK) return unwritable(disk_.get(), name);
    return {};
  }

  // Paths are below the folder that this process stands in. What cannot be looked at is one.
  static bool is_link(const std::string& path) {
    struct stat found{};
    return ::lstat(path.c_str(), &found) != 0 || S_ISLNK(found.st_mode);
  }

  static Result<> may_be(archive_entry* entry, const std::string& name) {
    auto kind = ::archive_entry_filetype(entry);
    auto same_as = text_or(::archive_entry_hardlink(entry));
    if (same_as.empty() && kind != AE_IFREG && kind != AE_IFDIR && kind != AE_IFLNK)
      return refused_entry(name, "which is neither a file, a folder nor a link");
    auto why = leads_out(name, text_or(::archive_entry_symlink(entry)));
    if (why.empty() && !same_as.empty()) why = leads_out(same_as);
    // One link is as deep as it lies: moved by another it would lead elsewhere.
    if (why.empty() && !same_as.empty() && is_link(same_as)) why = "a second name of a link";
    return why.empty() ? Result<>() : refused_entry(name, why);
  }

  // Holes count as what they would be once somebody copies them, so the larger of what is claimed and what comes.
  Result<> contents(const std::string& name, la_int64_t claimed) {
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t at = 0, end = 0;
    if (auto fits = grows(end, claimed); !fits) return fits;
    for (;;) {
      int got = ::archive_read_data_block(from_, &block, &size, &at);
      if (got == ARCHIVE_EOF) return {};
      if (got != ARCHIVE_OK) return unreadable(from_);
      auto upto = at + static_cast<la_int64_t>(size);
      if (at < 0 || upto < 0) return unreadable(from_);
      if (auto fits = grows(end, upto); !fits) return fits;
      if (::archive_write_data_block(disk_.get(), block, size, at) != ARCHIVE_OK) return unwritable(disk_.get(), name);
    }
  }

  // `end`: what of this entry is counted already.
  Result<> grows(la_int64_t& end, la_int64_t upto) {
    auto more = std::max<la_int64_t>(0, upto - end);
    if (more > bounds_.unpacked.value - unpacked_)
      return fail(Code::invalid, fmt::format("the archive unpacks to more than {}", human(bounds_.unpacked)));
    unpacked_ += more, end = std::max(end, upto);
    return {};
  }

  // Times of folders are set at the end.
  Result<> closed() {
    if (entries_ == 0) return fail(Code::invalid, "the archive is empty");
    return ::archive_write_close(disk_.get()) == ARCHIVE_OK ? Result<>() : unwritable(disk_.get(), "its folders");
  }

  archive* from_;
  const Bounds& bounds_;
  std::unique_ptr<archive, int (*)(archive*)> disk_;
  std::int64_t entries_ = 0, unpacked_ = 0;
};

}  // namespace

std::string leads_out(std::string_view name, std::string_view link) {
  if (name.empty() || name.size() > kLongestName) return "whose name is none";
  if (name.starts_with('/')) return "whose name is absolute";
  std::ptrdiff_t depth = 0;
  for (auto part : split(name, '/')) {
    if (part == "..") return "whose name leads up";
    if (!part.empty() && part != ".") ++depth;
  }
  if (depth > kDeepest) return "which lies too deep";
  if (link.starts_with('/')) return "a link to an absolute path";
  bool down = false;
  auto above = depth - 1;  // folders between it and the one that all is unpacked into
  for (auto part : split(link, '/')) {
    if (part == ".." && (down || --above < 0)) return "a link that leads out";
    down |= part != ".." && !part.empty() && part != ".";
  }
  return "";
}

Result<std::string> sha256_of(int file) {
  if (::lseek(file, 0, SEEK_SET) != 0) return std::unexpected(io::system_error("reading the archive"));
  Source source{file};
  if (auto read = source.to_its_end(); !read) return std::unexpected(read.error());
  return source.sum.text();
}

// libarchive writes below the folder that the process stands in: this one does nothing else.
Result<> unpack(int file, const std::string& sha256, const std::string& folder, const Bounds& bounds) {
  if (::lseek(file, 0, SEEK_SET) != 0) return std::unexpected(io::system_error("reading the archive"));
  std::error_code error;
  auto before = std::filesystem::current_path(error);
  if (!error) std::filesystem::current_path(folder, error);
  if (error) return std::unexpected(io::system_error("entering " + folder, error.value()));
  Source source{file};
  auto done = [&]() -> Result<> {
    auto from = reader(source);
    return Unpacking(from.get(), bounds).all();
  }();
  std::filesystem::current_path(before, error);
  if (!done) return done;
  if (auto rest = source.to_its_end(); !rest) return rest;
  if (source.sum.text() != sha256) return fail(Code::invalid, "the archive was changed while it was unpacked");
  return {};
}

}  // namespace davy::folders
