#include "host/state_dir.h"

#include <cstdlib>
#include <filesystem>

namespace davy::host {

std::string home_folder() {
  auto home = std::getenv("HOME");
  return home && *home == '/' ? home : "";
}

std::string state_directory(const std::string& given) {
  auto from = [](const char* name) { return std::string(std::getenv(name) ? std::getenv(name) : ""); };
  auto chosen = !given.empty()                    ? given
                : !from("DAVY_STATE").empty()     ? from("DAVY_STATE")
                : !from("XDG_STATE_HOME").empty() ? from("XDG_STATE_HOME") + "/davy"
                                                  : from("HOME") + "/.local/state/davy";
  return std::filesystem::absolute(chosen).lexically_normal().string();  // the engine's own folder is another one
}

}  // namespace davy::host
