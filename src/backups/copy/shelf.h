// The folder that copies lie in. A copy is a folder of its own, NAME.ID, there as a whole or not at all: it is made
// under another name, on the disk with all its files before it gets its own.
#pragma once
#include <set>

#include "backups/copy/keeping.h"
#include "backups/copy/manifest.h"
#include "io/posix/lockfile.h"

namespace davy::backups {

struct Copy {
  std::string folder;
  Manifest manifest;
  std::string sha256;          // of the manifest's file
  std::optional<Proof> proof;  // of this very manifest
  std::string file(const std::string& name) const { return folder + "/" + name; }
};

// Code::invalid: there is none, or what lies there is no manifest.
Result<Copy> read_copy(const std::string& folder);
Result<> write_proof(const Copy&, const Proof&);

// Each of its files is what the manifest says, to the bit.
Result<> check_sums(const Copy&);

// The name of a file that is made of any text: letters, digits, - and _.
std::string file_name(std::string_view);

class Shelf {
 public:
  // Makes the folder where it is missing, for us alone. Code::conflict: another process makes a copy of that name here.
  // What such a one has left behind is removed. May be repeated.
  static Result<Shelf> open(const std::string& into, const std::string& name);

  std::string folder(const std::string& id) const;  // of the copy with that id, made or not
  bool has(const std::string& id) const;

  Result<std::string> begin(const std::string& id);             // the folder to put its files into
  Result<Copy> finish(const std::string& id, const Manifest&);  // it is there
  void abandon(const std::string& id);                          // what was begun is gone

  std::vector<Copy> copies() const;  // of that name, newest first; those that can be read
  // Removes old ones of what `like` is a copy of, but for those of its own run and of these, which may still restore
  // them; another environment may keep its own here under the same name. How many went.
  Result<int> keep(const Keep&, const Copy& like, std::set<std::string> runs, Time now) const;

  const std::string& into() const { return into_; }
  const std::string& name() const { return name_; }
  std::string place() const;  // text that no other shelf and name on this machine have, for what is named after it

 private:
  Shelf(std::string into, std::string name, io::LockFile lock)
      : into_(std::move(into)), name_(std::move(name)), lock_(std::move(lock)) {}
  std::string part(const std::string& id) const;
  Result<> tidy() const;
  std::string into_, name_;
  io::LockFile lock_;
};

}  // namespace davy::backups
