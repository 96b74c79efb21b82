#include "backups/tool/piping.h"

namespace davy::backups {

Result<Packed> pack_output(const Tool& tool, const std::string& file, Progress& progress, std::string* errors) {
  auto packer = Packer::into(file);
  if (!packer) return std::unexpected(packer.error());
  auto child = Child::start(tool);
  if (!child) return std::unexpected(child.error());
  child->end_input();
  std::vector<char> room(256 * 1024);
  for (;;) {
    auto n = child->read(room);
    if (!n) return std::unexpected(n.error());
    if (*n == 0) break;
    if (auto added = packer->add({room.data(), *n}); !added) return std::unexpected(added.error());
    progress.at(packer->taken());
  }
  if (auto went = child->wait(); !went) return std::unexpected(went.error());
  if (errors) *errors = child->errors();
  return packer->finish();
}

Result<Packed> feed(const std::string& file, const Tool& tool, Progress& progress) {
  auto child = Child::start(tool);
  if (!child) return std::unexpected(child.error());
  std::int64_t fed = 0;
  bool refused = false;
  auto through = unpack(file, [&](std::string_view block) {
    auto written = child->write(block);
    refused = !written;
    fed += static_cast<std::int64_t>(block.size());
    progress.at(fed);
    return written;
  });
  if (!through && !refused) return through;  // the file is damaged: what the program makes of it is of no interest
  auto went = child->wait();
  if (!went) return std::unexpected(went.error());
  return through;
}

}  // namespace davy::backups
