// Where a database is. It is told to us by the environment, and to the programs by theirs: a command line is for
// everybody to read.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/error.h"

namespace davy::backups {

class Place {
 public:
  // A URL or a connection string of libpq. No error quotes it.
  static Result<Place> parse(const std::string& url);
  // A server of our own: its socket's folder, and who may do all there.
  static Place of_socket(const std::string& folder, const std::string& user, const std::string& database);

  Place at(const std::string& database) const;                                      // another one of the same server
  const std::map<std::string, std::string>& settings() const { return settings_; }  // by libpq's names
  std::map<std::string, std::string> environment() const;                           // PGHOST, PGPASSWORD …
  std::string masked(std::string text) const;                                       // without what nobody may read

 private:
  std::map<std::string, std::string> settings_, variables_;  // variables_: of a setting, its name in an environment
  std::vector<std::string> hidden_;
};

}  // namespace davy::backups
