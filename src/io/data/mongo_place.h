// Where a MongoDB is and how one gets in, out of its URL (mongodb.com/docs/manual/reference/connection-string). Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace davy::io {

// Whom of a set of replicas one may ask: `readPreference`, in MongoDB's own words.
enum class MongoMember { primary, primary_preferred, secondary, secondary_preferred, nearest };
std::string_view word(MongoMember);

struct MongoPlace {
  std::vector<std::string> addresses;  // of stream sockets, in the order of the URL; at least one
  std::string user, password;          // no user: no login
  std::string source;                  // the database that knows the user
  std::string mechanism;  // SCRAM-SHA-256, SCRAM-SHA-1; empty: the best one that the server has of the user
  std::string database;   // that the URL names; may be empty
  std::string set;        // name of the set of replicas; empty: whatever answers
  MongoMember member = MongoMember::primary;
  bool direct = false;  // one host, and no word of whom to ask: that host, whatever it is
  bool secure = false;
  std::string ca;  // of `secure`: file of certificates that are trusted instead of the system's
};

// Options that say how a driver keeps its connections, writes or tries again are passed over; what would change whom is
// asked, what is read or how far it is trusted, and cannot be followed, is Code::invalid. No error shows what stands in
// the URL, but for the name of an option that MongoDB has.
Result<MongoPlace> parse_mongo_url(std::string_view);

}  // namespace davy::io
