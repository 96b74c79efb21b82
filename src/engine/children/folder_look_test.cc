#include "engine/children/folder_look.h"

#include <gmock/gmock.h>

namespace davy::engine {
namespace {

using ports::Home;
using testing::HasSubstr;

Home unit(std::string directory, std::string program, bool given = false) {
  return {.what = "shop.service",
          .directory = std::move(directory),
          .directory_line = "WorkingDirectory=",
          .program = std::move(program),
          .program_line = "ExecStart=",
          .where = "by `systemctl edit --full shop.service`",
          .given = given};
}

Result<> looked(const Home& one, const std::string& adopted = "") { return runs_from("/srv/shop", adopted, {one}); }

TEST(FolderLook, WhatRunsFromCurrentIsRight) {
  EXPECT_TRUE(looked(unit("/srv/shop/current", "/usr/bin/node server.js")));
  EXPECT_TRUE(looked(unit("/srv/shop/current/web", "/usr/bin/node server.js")));
  EXPECT_TRUE(looked(unit("", "/srv/shop/current/bin/shop --port 80")));
  EXPECT_TRUE(looked(unit("/srv/shop/current", "/srv/shop/current/bin/shop")));
  EXPECT_TRUE(runs_from("/srv/shop", "", {}));
}

TEST(FolderLook, WhatDoesNotIsRefusedWithTheTwoLines) {
  auto wrong = looked(unit("/home/ann/app/web", "/usr/bin/node /home/ann/app/server.js"), "/home/ann/app");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Code::invalid);
  EXPECT_THAT(wrong.error().message,
              HasSubstr("WorkingDirectory=/home/ann/app/web, ExecStart=/usr/bin/node /home/ann"));
  EXPECT_THAT(wrong.error().hint, HasSubstr("WorkingDirectory=/srv/shop/current/web and ExecStart=/usr/bin/node "
                                            "/srv/shop/current/server.js"));
  EXPECT_FALSE(looked(unit("/opt/shop", "/opt/shop/run")));
  EXPECT_FALSE(looked(unit("", "/usr/bin/shop")));
  EXPECT_FALSE(looked(unit("/srv/shop/currently", "/usr/bin/shop")));
}

TEST(FolderLook, WordsThatMayBeSecretsAreNotShown) {
  auto wrong =
      looked(unit("/home/ann/app", "/usr/bin/env TOKEN=hunter2 node /home/ann/app/server.js --key hunter3 --x"),
             "/home/ann/app");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(to_string(wrong.error()), testing::Not(HasSubstr("hunter")));
  EXPECT_THAT(wrong.error().message, HasSubstr("ExecStart=/usr/bin/env … /home/ann/app/server.js …"));
  EXPECT_THAT(wrong.error().hint, HasSubstr("ExecStart=/usr/bin/env … /srv/shop/current/server.js …"));
  auto own = looked(unit("", "/srv/shop/current/shop --token hunter2", true));
  ASSERT_FALSE(own);
  EXPECT_THAT(to_string(own.error()), testing::Not(HasSubstr("hunter")));
}

TEST(FolderLook, HalfIsNotEnough) {
  EXPECT_FALSE(looked(unit("/srv/shop/current", "/usr/bin/node /home/ann/app/server.js"), "/home/ann/app"));
  EXPECT_FALSE(looked(unit("/srv/shop/current", "/srv/shop/releases/1~20260101-100000-abc/run")));
  EXPECT_TRUE(looked(unit("/srv/shop/current", "/usr/bin/node /home/ann/app2/server.js"), "/home/ann/app"));
}

TEST(FolderLook, EachInstanceInItsOwnFolderNamesNoOther) {
  EXPECT_TRUE(looked(unit("/anywhere", "/usr/bin/env ./shop", true)));
  auto wrong = looked(unit("", "/srv/shop/current/shop", true));
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().hint, HasSubstr("relative"));
}

TEST(FolderLook, OneThatIsWrongIsEnough) {
  EXPECT_FALSE(runs_from("/srv/shop", "", {unit("/srv/shop/current", "/bin/a"), unit("/opt", "/bin/b")}));
}

}  // namespace
}  // namespace davy::engine
