#include "backups/postgres/prove.h"

#include <fmt/format.h>

#include "backups/postgres/load.h"

namespace davy::backups {
namespace {

// The first few of many.
std::string several(const std::vector<std::string>& all) {
  constexpr std::size_t kMost = 3;
  std::string out;
  for (std::size_t i = 0; i < std::min(all.size(), kMost); ++i) out += (i > 0 ? "; " : "") + all[i];
  return all.size() > kMost ? fmt::format("{}; and {} more", out, all.size() - kMost) : out;
}

Error no_proof(const Copy& copy, Error why) {
  why.message = fmt::format("{} is no proof of a way back: {}", copy.folder, why.message);
  return why;
}

Target target(const Scratch& scratch, Place place) { return {std::move(place), scratch.programs(), scratch.own()}; }

// restored and compared; the times are noted.
Result<> looked_at(const Copy& copy, Scratch& scratch, Proof& proof, Progress& progress) {
  auto to = target(scratch, scratch.place());
  auto began = io::boot_time();
  if (scratch.own()) {
    auto server = to;
    server.place = to.place.at("postgres");
    if (auto roles = load_roles(copy, server, progress); !roles) return roles;
  }
  if (auto loaded = load(copy, to, progress); !loaded) return loaded;
  proof.restore = io::boot_time() - began;
  began = io::boot_time();
  auto reference = [&]() -> Result<Target> {
    auto place = scratch.another();
    if (!place) return std::unexpected(place.error());
    return target(scratch, *place);
  };
  auto differs = compared(copy, to, reference, progress);
  proof.compare = io::boot_time() - began;
  if (!differs) return std::unexpected(differs.error());
  if (!differs->empty()) return fail(Code::invalid, several(*differs));
  return {};
}

}  // namespace

Result<Proof> prove(const Shelf& shelf, const Copy& copy, const ScratchAt& at, Progress& progress) {
  progress.stage("check");
  if (auto sums = check_sums(copy); !sums) return std::unexpected(no_proof(copy, sums.error()));
  auto scratch = open_scratch(shelf, copy, at);
  if (!scratch) return std::unexpected(scratch.error());
  Proof out{.where = (*scratch)->where(), .manifest = copy.sha256};
  auto went = looked_at(copy, **scratch, out, progress);
  auto gone = (*scratch)->close();
  if (!went) return std::unexpected(no_proof(copy, went.error()));
  if (!gone) return std::unexpected(gone.error());
  out.at = timestamp(io::wall_time());
  for (auto& table : copy.manifest.counts.tables) ++out.tables, out.rows += table.rows, out.contents |= !!table.hash;
  if (auto written = write_proof(copy, out); !written) return std::unexpected(written.error());
  return out;
}

}  // namespace davy::backups
