// A PostgreSQL of our own, for minutes. It listens on a socket in a folder that nobody else may enter, does not care
// for the disk (fsync off, minimal log), and ends when we do, however that is.
#pragma once
#include "backups/copy/scratch_folder.h"
#include "backups/postgres/place.h"
#include "backups/postgres/programs.h"
#include "backups/tool/child.h"

namespace davy::backups {

class Cluster {
 public:
  // In a scratch folder in `in`. `as`: whose the server is; nobody: ours.
  static Result<Cluster> start(const Shelf&, const std::string& in, const Programs&, std::optional<Account> as);
  Cluster(Cluster&&) noexcept;
  ~Cluster();

  Place place(const std::string& database) const;  // as its superuser
  Result<> close();                                // it has ended, and its folder is gone

 private:
  Cluster(const Shelf& shelf, std::string folder, Child server)
      : shelf_(&shelf), folder_(std::move(folder)), server_(std::move(server)) {}
  Result<> wait_until_it_answers();
  const Shelf* shelf_;
  std::string folder_;  // empty: it was moved from, or closed
  Child server_;
};

}  // namespace davy::backups
