#include "backups/copy/packing.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "backups/backups_testing.h"

namespace davy::backups {
namespace {

std::string text_of(std::size_t size) {  // nothing that packs to nothing
  std::string out;
  for (std::uint32_t x = 1; out.size() < size; x = x * 1664525 + 1013904223) out += static_cast<char>(x >> 24);
  return out;
}

struct Packing : testing::Test {
  Folder folder;
  std::string path = folder.at("a.zst");

  Packed pack(const std::string& text) {
    auto packer = Packer::into(path);
    EXPECT_TRUE(packer && packer->add(text));
    auto done = packer->finish();
    EXPECT_TRUE(done);
    return done.value_or(Packed{});
  }
  Result<std::string> unpacked() {
    std::string out;
    auto went = unpack(path, [&](std::string_view block) { return out += block, Result<>(); });
    if (!went) return std::unexpected(went.error());
    return out;
  }
  void change(std::size_t at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    auto was = static_cast<char>(file.get());
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(was ^ 4));
  }
};

TEST_F(Packing, ReadsBackWhatWasPacked) {
  for (std::size_t size : {0, 1, 1'000'000}) {
    std::filesystem::remove(path);
    auto text = text_of(size);
    auto packed = pack(text);
    EXPECT_EQ(unpacked().value_or("?"), text);
    EXPECT_EQ(packed.unpacked, static_cast<std::int64_t>(size));
    auto again = sum(path);
    EXPECT_EQ(again->sha256, packed.sha256);
    EXPECT_EQ(again->bytes, packed.bytes);
  }
}

TEST_F(Packing, IsForItsOwnerAloneAndTakesNobodysPlace) {
  pack("x");
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0600));
  EXPECT_FALSE(Packer::into(path));
}

TEST_F(Packing, FindsEveryBitThatTurnedOver) {
  auto packed = pack(text_of(20'000));
  for (std::size_t at = 0; at < static_cast<std::size_t>(packed.bytes); at += 97) {
    change(at);
    EXPECT_TRUE(!unpacked() || unpacked() != text_of(20'000)) << at;
    EXPECT_NE(sum(path)->sha256, packed.sha256) << at;
    change(at);
  }
  EXPECT_EQ(unpacked().value_or("?"), text_of(20'000));
}

TEST_F(Packing, FindsThatTheEndIsMissing) {
  auto packed = pack(text_of(600'000));
  for (auto left : {packed.bytes - 1, packed.bytes - 4, packed.bytes / 2, std::int64_t{3}, std::int64_t{0}}) {
    std::filesystem::resize_file(path, static_cast<std::uintmax_t>(left));
    EXPECT_FALSE(unpacked()) << left;
  }
}

TEST_F(Packing, AFullDiskIsSaid) {
  auto packer = Packer::into("/dev/full");
  EXPECT_FALSE(packer) << "no file of ours";
}

}  // namespace
}  // namespace davy::backups
