#include "backups/redis/prove.h"

#include <fmt/format.h>

#include "backups/redis/told.h"

namespace davy::backups {
namespace {

Result<RedisTold> told_by(const RedisScratch& scratch) {
  auto session = scratch.session();
  if (!session) return std::unexpected(session.error());
  auto info = session->ask({"INFO"});
  if (!info) return std::unexpected(info.error());
  return redis_told(*info);
}

Result<Proof> looked_at(const Shelf& shelf, const Copy& copy, const std::string& in, Progress& progress) {
  if (auto sums = check_sums(copy); !sums) return std::unexpected(sums.error());
  auto& m = copy.manifest;
  auto began = io::boot_time();
  progress.stage("restore", m.unpacked());
  auto scratch = RedisScratch::start(shelf, in, copy, progress);
  if (!scratch) return std::unexpected(scratch.error());
  Proof out{.where = scratch->where(), .manifest = copy.sha256, .restore = io::boot_time() - began};
  began = io::boot_time();
  progress.stage("compare");
  auto now = told_by(*scratch);
  auto gone = scratch->close();
  if (!now) return std::unexpected(now.error());
  if (!gone) return std::unexpected(gone.error());
  if (auto differs = differences(m.databases, m.functions, *now); !differs.empty())
    return fail(Code::invalid, differs.front());
  out.compare = io::boot_time() - began, out.at = timestamp(io::wall_time());
  for (auto& one : m.databases) ++out.tables, out.rows += one.keys;
  return out;
}

}  // namespace

Result<Proof> prove_redis(const Shelf& shelf, const Copy& copy, const std::string& scratch, Progress& progress) {
  progress.stage("check");
  auto out = looked_at(shelf, copy, scratch, progress);
  if (!out)
    return fail(out.error().code, fmt::format("{} is no proof of a way back: {}", copy.folder, out.error().message),
                out.error().hint);
  if (auto written = write_proof(copy, *out); !written) return std::unexpected(written.error());
  return out;
}

}  // namespace davy::backups
