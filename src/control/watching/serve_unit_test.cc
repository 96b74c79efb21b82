#include "control/watching/serve_unit.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace davy::control {
namespace {

using ::testing::HasSubstr;

struct Folder {
  Folder() {
    auto path = (std::filesystem::temp_directory_path() / "davy-unit-XXXXXX").string();
    name = ::mkdtemp(path.data());
  }
  ~Folder() { std::filesystem::remove_all(name); }
  std::string name;
};

// What a way back starts lives in the unit's group: it must live on when the unit is stopped.
TEST(ServeUnit, IsStoppedAlone) {
  auto unit = serve_unit("/usr/bin/davy", "/var/lib/my davy/50%", "deploy");
  EXPECT_THAT(unit, HasSubstr("\nKillMode=process\n"));
  EXPECT_THAT(unit, HasSubstr("\nExecStart=\"/usr/bin/davy\" serve --state \"/var/lib/my davy/50%%\"\n"));
  EXPECT_THAT(unit, HasSubstr("\nUser=deploy\n"));
}

TEST(ServeUnit, IsWrittenOverDavysOwnAndNobodyElses) {
  Folder folder;
  auto unit = serve_unit("/usr/bin/davy", "/a", "root"), other = serve_unit("/usr/bin/davy", "/b", "root");
  ASSERT_TRUE(install_serve_unit(folder.name, unit));
  auto path = install_serve_unit(folder.name, other);
  ASSERT_TRUE(path);
  std::ofstream(*path) << "[Service]\nExecStart=/bin/true\n";
  auto refused = install_serve_unit(folder.name, unit);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::refused);
}

}  // namespace
}  // namespace davy::control
