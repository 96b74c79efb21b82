// Where a copy is restored only to be looked at. A cluster of its own where this machine has the server's programs: it
// listens on a socket alone, promises nothing about the disk, and ends with us. Else a database on the source's server.
//
// A server refuses to be root. Root becomes `postgres`, the account that comes with the server's packages and may read
// the data anyway; where there is no such account, it is the other kind.
//
// The next one finds what a killed one left behind, and removes it: the folder is written down beside the copies, and a
// database's name follows from where they lie.
#pragma once
#include "backups/copy/shelf.h"
#include "backups/postgres/programs.h"
#include "backups/postgres/session.h"

namespace davy::backups {

class Scratch {
 public:
  virtual ~Scratch() = default;  // it is gone, as far as that is possible
  virtual Result<> close() = 0;  // it is gone, or why not

  // An empty database, made as the source's was.
  virtual Place place() const = 0;
  // Another empty one, made the same way. At most one.
  virtual Result<Place> another() = 0;
  virtual std::string where() const = 0;  // for people
  bool own() const { return own_; }       // a server of our own: nobody else's settings or environment count
  const Programs& programs() const { return programs_; }

 protected:
  Scratch(bool own, Programs programs) : own_(own), programs_(std::move(programs)) {}

 private:
  bool own_;
  Programs programs_;
};

struct ScratchAt {
  std::string folder = "/var/tmp";  // where a cluster lies; empty: there is to be none
  const Place* source = nullptr;    // whose server may hold a database instead; null: none may
};

// Code::no_space: there is no room for it. Code::invalid: neither kind can be had, and why.
Result<std::unique_ptr<Scratch>> open_scratch(const Shelf&, const Copy&, const ScratchAt&);

// What a killed one has left behind is gone. Fine when nothing is there.
Result<> sweep_scratch(const Shelf&, const ScratchAt&);

// "… TEMPLATE template0 ENCODING 'UTF8' …": how a database is made like the source's.
std::string made_like(const Session&, const Source&);

}  // namespace davy::backups
