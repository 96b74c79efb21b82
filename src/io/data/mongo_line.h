// One connection to a MongoDB: the greeting, the login, questions and their answers.
#pragma once
#include <memory>

#include "io/data/mongo_messages.h"
#include "io/data/mongo_place.h"
#include "io/net/channel.h"
#include "spec/json.h"

namespace davy::io {

// none: in a set, and neither (an arbiter, one that starts up or recovers).
enum class MongoRole { alone, primary, secondary, none };

struct MongoLine {
  std::unique_ptr<Channel> channel;
  std::string shown;  // for messages: the address
  MongoRole role = MongoRole::none;
  bool router = false;         // a mongos
  spec::Json mechanisms = {};  // of the user, as the server says
  MongoReplies replies = {};
  std::int32_t asked = 0;
};

struct MongoAnswer {
  std::string text;
  spec::Json json;
};

// Connects and greets. Code::invalid: not in the set that the URL names, no MongoDB.
ports::Task<MongoLine> open_mongo_line(std::string address, const MongoPlace&, TlsTrust);
// Nothing where the URL has no user. Code::refused: not let in.
ports::Task<> log_in(MongoLine&, const MongoPlace&);
// A command and what the server answers to it, whether it did it or not.
ports::Task<MongoAnswer> say(MongoLine&, MongoCommand);
// Whether it did it; as an error what it says instead.
Result<> judged(const MongoLine&, const spec::Json& answer);
// What goes with a command, so that who was chosen answers it.
std::string preference(const MongoLine&, const MongoPlace&);

}  // namespace davy::io
