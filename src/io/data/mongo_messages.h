// MongoDB's wire protocol (OP_MSG, mongodb.com/docs/manual/reference/mongodb-wire-protocol): documents go in and come
// out as JSON, by libbson. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace davy::io {

struct MongoCommand {
  std::string json;  // Extended JSON, its name first
  std::string database;
  std::string preference = {};  // whom of a set of replicas it may ask, in MongoDB's words; empty: nothing is said
};
// Code::invalid: not a document, or with a field `$db` of its own.
Result<std::string> mongo_message(std::int32_t id, const MongoCommand&);

// Answers out of the bytes of a connection, one to each message: at most 4 MiB in all, documents in documents at most
// 90 deep.
class MongoReplies {
 public:
  static constexpr std::size_t kMost = 4 * 1024 * 1024;

  // Code::invalid: more than 4 MiB.
  Result<> feed(std::string_view);
  // The document that answers the message `asked`, as relaxed Extended JSON; nothing while it is not whole.
  // Code::invalid, from then on: this is not MongoDB's protocol.
  Result<std::optional<std::string>> next(std::int32_t asked);

 private:
  std::string bytes_;
  std::size_t fed_ = 0;
};

}  // namespace davy::io
