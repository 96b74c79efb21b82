#include "folders/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>

#include "folders/download.h"
#include "folders/folders_testing.h"

namespace davy::folders {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Entry {
  std::string name, contents = {}, link = {}, same_as = {};
  unsigned kind = AE_IFREG, mode = 0644;
};

// As hostile as it is asked for: bsdtar itself would not write most of these.
std::string pack(const Place& place, const std::vector<Entry>& entries) {
  auto path = place.at("a.tar.gz");
  auto* out = ::archive_write_new();
  ::archive_write_add_filter_gzip(out);
  ::archive_write_set_format_pax_restricted(out);
  EXPECT_EQ(::archive_write_open_filename(out, path.c_str()), ARCHIVE_OK);
  for (auto& one : entries) {
    auto* entry = ::archive_entry_new();
    ::archive_entry_set_pathname(entry, one.name.c_str());
    ::archive_entry_set_filetype(entry, one.link.empty() ? one.kind : AE_IFLNK);
    ::archive_entry_set_perm(entry, static_cast<__LA_MODE_T>(one.mode));
    ::archive_entry_set_size(entry, static_cast<la_int64_t>(one.contents.size()));
    if (!one.link.empty()) ::archive_entry_set_symlink(entry, one.link.c_str());
    if (!one.same_as.empty()) ::archive_entry_set_hardlink(entry, one.same_as.c_str());
    EXPECT_EQ(::archive_write_header(out, entry), ARCHIVE_OK) << one.name;
    ::archive_write_data(out, one.contents.data(), one.contents.size());
    ::archive_entry_free(entry);
  }
  ::archive_write_close(out);
  ::archive_write_free(out);
  return path;
}

Result<> unpacked(const Place& place, const std::string& path, const Bounds& bounds = {}) {
  fs::create_directories(place.at("in/to"));
  io::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  auto sum = sha256_of(file.get());
  if (!sum) return std::unexpected(sum.error());
  return unpack(file.get(), *sum, place.at("in/to"), bounds);
}

TEST(Archive, IsUnpackedWithFoldersLinksAndModes) {
  Place place;
  auto path = pack(place, {{.name = "bin", .kind = AE_IFDIR, .mode = 0755},
                           {.name = "bin/run", .contents = "#!/bin/sh\n", .mode = 0755},
                           {.name = "./lib/deep/a.js", .contents = "a"},
                           {.name = "lib/deep/b.js", .link = "../../bin/run"},
                           {.name = "same", .same_as = "bin/run"}});
  auto done = unpacked(place, path);
  ASSERT_TRUE(done) << to_string(done.error());
  EXPECT_EQ(place.read("in/to/lib/deep/a.js"), "a");
  EXPECT_EQ(place.read("in/to/lib/deep/b.js"), "#!/bin/sh\n");
  EXPECT_EQ(place.read("in/to/same"), "#!/bin/sh\n");
  EXPECT_EQ(fs::status(place.at("in/to/bin/run")).permissions() & fs::perms::owner_exec, fs::perms::owner_exec);
}

TEST(Archive, OfTheUsualKindsIsRead) {
  Place place;
  place.write("src/a.txt", "hello");
  for (std::string make :
       {"tar -cf a -C src .", "tar -czf a -C src .", "tar --zstd -cf a -C src .", "tar -cJf a -C src .",
        "python3 -c 'import zipfile; zipfile.ZipFile(\"a\", \"w\").write(\"src/a.txt\", \"a.txt\")'"}) {
    fs::remove_all(place.at("in")), fs::remove(place.at("a"));
    place.run(make);
    auto done = unpacked(place, place.at("a"));
    ASSERT_TRUE(done) << make << ": " << to_string(done.error());
    EXPECT_EQ(place.read("in/to/a.txt"), "hello") << make;
  }
}

TEST(Archive, ThatLeadsOutIsRefused) {
  for (auto& bad : std::vector<std::vector<Entry>>{{{.name = "../out", .contents = "x"}},
                                                   {{.name = "a/../../out", .contents = "x"}},
                                                   {{.name = "/tmp/davy-out", .contents = "x"}},
                                                   {{.name = "l", .link = "/etc"}},
                                                   {{.name = "l", .link = ".."}},
                                                   {{.name = "a/l", .link = "../../out"}},
                                                   {{.name = "s", .link = "."}, {.name = "l", .link = "s/s/../../out"}},
                                                   {{.name = "h", .same_as = "../../etc/passwd"}},
                                                   {{.name = "f", .kind = AE_IFIFO}},
                                                   {{.name = "s", .link = "a"},
                                                    {.name = "a", .kind = AE_IFDIR, .mode = 0755},
                                                    {.name = "s/x", .contents = "x"}}}) {
    Place place;
    auto done = unpacked(place, pack(place, bad));
    EXPECT_FALSE(done) << bad.back().name;
    EXPECT_FALSE(place.has("out")) << bad.back().name;
    EXPECT_FALSE(place.has("in/out")) << bad.back().name;
    EXPECT_FALSE(fs::exists("/tmp/davy-out"));
  }
}

// A link is as deep as it lies: moved up it leads out.
TEST(Archive, ASecondNameOfALinkIsRefused) {
  Place place;
  auto path = pack(place, {{.name = "a/b/l", .link = "../../x"}, {.name = "m", .same_as = "a/b/l"}});
  auto done = unpacked(place, path);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("a second name of a link"));
}

TEST(Archive, NamesAreJudgedAsTheyAreWritten) {
  EXPECT_EQ(leads_out("a/b"), "");
  EXPECT_EQ(leads_out("./a"), "");
  EXPECT_EQ(leads_out("a..b/..c"), "");
  EXPECT_EQ(leads_out("a/b/l", "../../c"), "");
  EXPECT_EQ(leads_out("a/b/l", "../../../c"), "a link that leads out");
  EXPECT_EQ(leads_out("a/b/l", "c/../d"), "a link that leads out");  // through another link that may lead up
  EXPECT_EQ(leads_out(std::string(200, 'a') + "/"), "");
  std::string deep;
  for (int i = 0; i < 300; ++i) deep += "a/";
  EXPECT_NE(leads_out(deep), "");
  EXPECT_NE(leads_out(""), "");
}

TEST(Archive, MayNotSetUserIds) {
  Place place;
  ASSERT_TRUE(unpacked(place, pack(place, {{.name = "su", .contents = "x", .mode = 04755}})));
  EXPECT_EQ(fs::status(place.at("in/to/su")).permissions() & fs::perms::set_uid, fs::perms::none);
}

TEST(Archive, IsBoundedInAllThatItUnpacks) {
  Place place;
  std::vector<Entry> many(20, {.name = "a", .contents = std::string(1000, 'x')});
  for (std::size_t i = 0; i < many.size(); ++i) many[i].name += std::to_string(i);
  auto path = pack(place, many);
  expect_refused(unpacked(place, path, {.unpacked = Bytes{19'999}}), "more than");
  fs::remove_all(place.at("in"));
  EXPECT_TRUE(unpacked(place, path, {.unpacked = Bytes{20'000}}));
  fs::remove_all(place.at("in"));
  expect_refused(unpacked(place, path, {.entries = 19}), "more than 19 entries");
}

TEST(Archive, HolesCountAsWhatTheyClaimToBe) {
  Place place;
  place.run("truncate -s 1G big && tar --sparse -cf a big");
  expect_refused(unpacked(place, place.at("a"), {.unpacked = Bytes{1'000'000}}), "more than");
}

TEST(Archive, ThatIsCutOrNoneIsNoArchive) {
  Place place;
  place.run(
      "head -c 300000 /dev/urandom > big && tar -czf a big && head -c 150000 a > cut && tar -cf empty -T /dev/null");
  expect_refused(unpacked(place, place.at("cut")), "archive cannot be read");
  expect_refused(unpacked(place, place.write("text", "hello")), "archive cannot be read");
  expect_refused(unpacked(place, place.at("empty")), "empty");
  expect_refused(unpacked(place, place.write("nothing", "")), "archive");
}

TEST(Archive, ThatChangesBetweenSumAndUnpackingIsNotUsed) {
  Place place;
  auto path = pack(place, {{.name = "a", .contents = "x"}});
  fs::create_directories(place.at("to"));
  io::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  expect_refused(unpack(file.get(), std::string(64, '0'), place.at("to"), {}), "changed while");
}

TEST(Sums, AreReadAsSha256sumWritesThem) {
  std::string a(64, 'a'), b(64, 'b');
  EXPECT_EQ(sum_in(a, "shop.tgz"), a);
  EXPECT_EQ(sum_in(a + "\n", "shop.tgz"), a);
  EXPECT_EQ(sum_in(b + "  other.tgz\n" + a + "  shop.tgz\n", "shop.tgz"), a);
  EXPECT_EQ(sum_in(a + " *./dist/shop.tgz\n", "shop.tgz"), a);
  EXPECT_EQ(sum_in("SHA256 (shop.tgz) = " + a + "\n", "shop.tgz"), a);
  EXPECT_EQ(sum_in(b + "  other.tgz\n", "shop.tgz"), "");  // of something else
  EXPECT_EQ(sum_in(b + "  my-shop.tgz\n", "shop.tgz"), "");
  EXPECT_EQ(sum_in(a + "\n" + b + "\n", "shop.tgz"), "");
  EXPECT_EQ(sum_in(std::string(128, 'a'), "shop.tgz"), "");  // a SHA-512
  EXPECT_EQ(sum_in("", "shop.tgz"), "");
}

}  // namespace
}  // namespace davy::folders
