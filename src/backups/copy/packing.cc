#include "backups/copy/packing.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>
#include <zstd.h>

#include <array>
#include <vector>

namespace davy::backups {
namespace {

constexpr int kLevel = 3;
constexpr std::size_t kBlock = 256 * 1024;

class Sha256 {
 public:
  Sha256() : context_(::EVP_MD_CTX_new()) { ::EVP_DigestInit_ex(context_.get(), ::EVP_sha256(), nullptr); }
  void add(std::string_view text) { ::EVP_DigestUpdate(context_.get(), text.data(), text.size()); }
  std::string end() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out;
    unsigned size = 0;
    ::EVP_DigestFinal_ex(context_.get(), out.data(), &size);
    std::string hex;
    for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", out[i]);
    return hex;
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* c) const { ::EVP_MD_CTX_free(c); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

struct FreeStream {
  void operator()(ZSTD_CCtx* c) const { ::ZSTD_freeCCtx(c); }
  void operator()(ZSTD_DCtx* c) const { ::ZSTD_freeDCtx(c); }
};

}  // namespace

struct Packer::Inside {
  std::string path;
  io::Fd fd;
  std::unique_ptr<ZSTD_CCtx, FreeStream> stream{::ZSTD_createCCtx()};
  Sha256 sum;
  Packed packed;
  std::vector<char> room = std::vector<char>(kBlock);

  Result<> put(std::string_view text, ZSTD_EndDirective how) {
    ZSTD_inBuffer in{text.data(), text.size(), 0};
    for (;;) {
      ZSTD_outBuffer out{room.data(), room.size(), 0};
      auto left = ::ZSTD_compressStream2(stream.get(), &out, &in, how);
      if (::ZSTD_isError(left)) return fail(Code::internal, fmt::format("zstd: {}", ::ZSTD_getErrorName(left)));
      std::string_view made(room.data(), out.pos);
      if (!io::write_all(fd.get(), made)) return std::unexpected(io::system_error("writing " + path));
      sum.add(made), packed.bytes += static_cast<std::int64_t>(made.size());
      if (how == ZSTD_e_continue ? in.pos == in.size : left == 0) return {};
    }
  }
};

Result<Packed> read_blocks(const std::string& path, const Take& take) {
  io::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return std::unexpected(io::system_error("reading " + path));
  Packed out;
  Sha256 sum;
  std::vector<char> room(kBlock);
  for (;;) {
    auto n = ::read(fd.get(), room.data(), room.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::unexpected(io::system_error("reading " + path));
    if (n == 0) break;
    std::string_view block(room.data(), static_cast<std::size_t>(n));
    sum.add(block);
    out.bytes += n;
    if (auto taken = take(block); !taken) return std::unexpected(taken.error());
  }
  out.sha256 = sum.end();
  return out;
}

Packer::Packer(std::unique_ptr<Inside> in) : in_(std::move(in)) {}
Packer::Packer(Packer&&) noexcept = default;
Packer::~Packer() = default;

Result<Packer> Packer::into(const std::string& path) {
  auto in = std::make_unique<Inside>();
  in->path = path;
  in->fd.reset(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!in->fd) return std::unexpected(io::system_error("writing " + path));
  ::ZSTD_CCtx_setParameter(in->stream.get(), ZSTD_c_compressionLevel, kLevel);
  ::ZSTD_CCtx_setParameter(in->stream.get(), ZSTD_c_checksumFlag, 1);
  return Packer(std::move(in));
}

Result<> Packer::add(std::string_view text) {
  in_->packed.unpacked += static_cast<std::int64_t>(text.size());
  return in_->put(text, ZSTD_e_continue);
}

Result<Packed> Packer::finish() {
  if (auto put = in_->put({}, ZSTD_e_end); !put) return std::unexpected(put.error());
  if (::fsync(in_->fd.get()) != 0) return std::unexpected(io::system_error("writing " + in_->path));
  in_->packed.sha256 = in_->sum.end();
  return in_->packed;
}

std::int64_t Packer::taken() const { return in_->packed.unpacked; }

Result<Packed> unpack(const std::string& path, const Take& take) {
  std::unique_ptr<ZSTD_DCtx, FreeStream> stream(::ZSTD_createDCtx());
  std::vector<char> room(kBlock);
  std::size_t wanted = 1;  // of the frame, still to come; it has one at least
  std::int64_t unpacked = 0;
  auto through = read_blocks(path, [&](std::string_view block) -> Result<> {
    ZSTD_inBuffer in{block.data(), block.size(), 0};
    for (bool more = true; in.pos < in.size || more;) {
      ZSTD_outBuffer out{room.data(), room.size(), 0};
      wanted = ::ZSTD_decompressStream(stream.get(), &out, &in);
      if (::ZSTD_isError(wanted))
        return fail(Code::invalid, fmt::format("{} is damaged: {}", path, ::ZSTD_getErrorName(wanted)));
      more = out.pos == out.size;
      unpacked += static_cast<std::int64_t>(out.pos);
      if (auto taken = take({room.data(), out.pos}); out.pos > 0 && !taken) return taken;
    }
    return {};
  });
  if (!through) return through;
  if (wanted != 0) return fail(Code::invalid, path + " is cut: its end is missing");
  through->unpacked = unpacked;
  return through;
}

Result<Packed> sum(const std::string& path) {
  return read_blocks(path, [](auto) { return Result<>(); });
}

std::string sha256_of_text(std::string_view text) {
  Sha256 sum;
  sum.add(text);
  return sum.end();
}

}  // namespace davy::backups
