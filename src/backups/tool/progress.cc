#include "backups/tool/progress.h"

#include <fmt/format.h>

#include <cstdio>

namespace davy::backups {

void Progress::stage(std::string name, std::int64_t of) {
  stage_ = std::move(name), of_ = of;
  line(0);
}

void Progress::at(std::int64_t bytes) {
  if (std::chrono::steady_clock::now() - told_ >= std::chrono::seconds(1)) line(bytes);
}

void Progress::line(std::int64_t bytes) {
  told_ = std::chrono::steady_clock::now();
  auto of = of_ > 0 ? fmt::format(R"(, "of": {})", of_) : "";
  fmt::print("{{\"stage\": \"{}\", \"bytes\": {}{}}}\n", stage_, bytes, of);
  std::fflush(stdout);
}

}  // namespace davy::backups
