// A Redis of our own, for minutes, with a copy in it: to be looked at and never written to. It listens on a socket in a
// folder that nobody else may enter, saves nothing, runs nothing but itself, and ends when we do, however that is.
#pragma once
#include "backups/copy/scratch_folder.h"
#include "backups/redis/session.h"
#include "backups/tool/child.h"
#include "backups/tool/progress.h"

namespace davy::backups {

class RedisScratch {
 public:
  // It has loaded the whole copy. Code::invalid: the copy is damaged, or there is no redis-server here; Code::no_space:
  // there is no room for it in `in`. Root becomes `redis` where there is that account.
  static Result<RedisScratch> start(const Shelf&, const std::string& in, const Copy&, Progress&);
  RedisScratch(RedisScratch&&) noexcept;
  ~RedisScratch();

  Result<RedisSession> session() const;
  std::string where() const;  // for people
  Result<> close();           // it has ended, and its folder is gone

 private:
  RedisScratch(const Shelf& shelf, std::string folder) : shelf_(&shelf), folder_(std::move(folder)) {}
  Result<> fill(const Copy&, Progress&);
  Result<> serve(const Copy&, const std::string& program);
  Result<> wait_until_it_answers();
  const Shelf* shelf_;
  std::string folder_;  // empty: it was moved from, or closed
  std::optional<Child> server_;
};

}  // namespace davy::backups
