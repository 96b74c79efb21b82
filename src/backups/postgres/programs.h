// Which of the PostgreSQL programs of this machine are used: several releases may lie beside each other.
#pragma once
#include <string>
#include <vector>

#include "base/error.h"

namespace davy::backups {

struct Programs {
  int major = 0;
  std::string folder;
  std::string path(const std::string& name) const { return folder + "/" + name; }
};

// Those of this machine that can dump: what lies in the folders of packages, and in the PATH.
std::vector<Programs> found_programs();

// To dump a server, a pg_dump as new as it is: the oldest of these. Code::invalid: there is none, and which are there.
Result<Programs> to_dump(int server_major, const std::vector<Programs>&);

// To be a scratch: a server of that very release. Nothing where there is none.
const Programs* to_serve(int server_major, const std::vector<Programs>&);

// 15 in "pg_dump (PostgreSQL) 15.18 (Debian …)"; 9.6 is 9. 0: it says none.
int major_in(const std::string& version);

}  // namespace davy::backups
