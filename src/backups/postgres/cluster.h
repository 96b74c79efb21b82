// A PostgreSQL of our own, for minutes. It listens on a socket in a folder that nobody else may enter, does not care
// for the disk (fsync off, minimal log), and ends when we do, however that is.
#pragma once
#include "backups/postgres/place.h"
#include "backups/postgres/programs.h"
#include "backups/tool/child.h"

namespace davy::backups {

class Cluster {
 public:
  // What stands in that folder from before is removed, where it is ours. `as`: whose the server is; nobody: ours.
  static Result<Cluster> start(const std::string& folder, const Programs&, std::optional<Account> as);
  Cluster(Cluster&&) noexcept;
  ~Cluster();

  Place place(const std::string& database) const;  // as its superuser
  Result<> close();                                // it has ended, and its folder is gone

  // Code::refused: it is not ours. Fine when there is none.
  static Result<> remove(const std::string& folder);

 private:
  Cluster(std::string folder, Child server) : folder_(std::move(folder)), server_(std::move(server)) {}
  Result<> wait_until_it_answers();
  std::string folder_;  // empty: it was moved from, or closed
  Child server_;
};

}  // namespace davy::backups
