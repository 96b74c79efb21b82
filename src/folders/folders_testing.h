// A folder of its own for a test, with what the tests of this room write and read.
#pragma once
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "folders/work.h"

namespace davy::folders {

namespace fs = std::filesystem;

class Place {
 public:
  Place() {
    std::string path = (fs::temp_directory_path() / "davy-folders-XXXXXX").string();
    root_ = ::mkdtemp(path.data());
  }
  ~Place() {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }
  std::string at(const std::string& name = "") const { return name.empty() ? root_ : root_ + "/" + name; }
  std::string write(const std::string& name, std::string_view text = "x") const {
    fs::create_directories(fs::path(at(name)).parent_path());
    std::ofstream(at(name)) << text;
    return at(name);
  }
  std::string read(const std::string& name) const {
    std::ostringstream out;
    out << std::ifstream(at(name)).rdbuf();
    return out.str();
  }
  bool has(const std::string& name) const { return fs::exists(fs::symlink_status(at(name))); }
  std::string link(const std::string& name) const {
    return fs::is_symlink(at(name)) ? fs::read_symlink(at(name)).string() : "";
  }
  void run(const std::string& command) const {
    ASSERT_EQ(::system(("cd " + root_ + " && " + command).c_str()), 0) << command;
  }

 private:
  std::string root_;
};

inline void expect_refused(const auto& result, const std::string& with) {
  ASSERT_FALSE(result);
  EXPECT_THAT(to_string(result.error()), testing::HasSubstr(with));
}

}  // namespace davy::folders
