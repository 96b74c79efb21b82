#include "analyze/unpacking.h"

#include <zlib.h>
#include <zstd.h>

namespace davy::analyze {
namespace {

class Gzip final : public Unpacker {
 public:
  Gzip() { good_ = ::inflateInit2(&stream_, 16 + MAX_WBITS) == Z_OK; }
  ~Gzip() override { ::inflateEnd(&stream_); }

  How step(std::string_view& in, char*& out, std::size_t& room) override {
    // gzip pads a member with zero bytes (tapes, blocks of an archive).
    while (ended_ && in.starts_with('\0')) in.remove_prefix(1);
    if (in.empty()) return ended_ ? How::ended : How::going;
    if (ended_) ::inflateReset(&stream_);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out), stream_.avail_out = static_cast<uInt>(room);
    auto status = good_ ? ::inflate(&stream_, Z_NO_FLUSH) : Z_MEM_ERROR;
    in.remove_prefix(in.size() - stream_.avail_in);
    out += room - stream_.avail_out, room = stream_.avail_out;
    ended_ = status == Z_STREAM_END;
    return ended_ ? How::ended : status == Z_OK || status == Z_BUF_ERROR ? How::going : How::damaged;
  }

 private:
  z_stream stream_{};
  bool good_ = false, ended_ = false;
};

class Zstd final : public Unpacker {
 public:
  // A frame may ask for a window of gigabytes; what `zstd --long` makes without a number is taken.
  Zstd() { ::ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, 27); }

  How step(std::string_view& in, char*& out, std::size_t& room) override {
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer into{out, room, 0};
    auto left = ::ZSTD_decompressStream(stream_.get(), &into, &from);
    if (::ZSTD_isError(left)) return How::damaged;
    in.remove_prefix(from.pos);
    out += into.pos, room -= into.pos;
    return left == 0 ? How::ended : How::going;
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ::ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, Free> stream_{::ZSTD_createDStream()};
};

}  // namespace

Packing packing_of(std::string_view first) {
  using namespace std::string_view_literals;
  if (first.starts_with("\x1f\x8b"sv)) return {"gzip", std::make_unique<Gzip>(), ""};
  if (first.starts_with("\x28\xb5\x2f\xfd"sv)) return {"zstd", std::make_unique<Zstd>(), ""};
  if (first.starts_with("\xfd\x37zXZ\0"sv)) return {"xz", nullptr, "unpack it first: xz -dc LOG | davy analyze -"};
  if (first.starts_with("BZh"sv)) return {"bzip2", nullptr, "unpack it first: bzip2 -dc LOG | davy analyze -"};
  if (first.starts_with("PK\x03\x04"sv)) return {"zip", nullptr, "unpack it first: unzip -p LOG | davy analyze -"};
  if (first.starts_with("\xff\xfe"sv) || first.starts_with("\xfe\xff"sv))
    return {"UTF-16", nullptr, "convert it first: iconv -f UTF-16 -t UTF-8 LOG | davy analyze -"};
  return {};
}

}  // namespace davy::analyze
