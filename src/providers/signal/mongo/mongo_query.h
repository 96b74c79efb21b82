// A command of a plan's own: `{ count: orders, query: { state: paid } }`. Pure.
#pragma once
#include <string>
#include <vector>

#include "base/time.h"
#include "spec/diagnostics.h"
#include "spec/json.h"

namespace davy::providers {

// As a plan writes it: a map, or a text that is one in YAML or JSON. Code::invalid: it is none, or not one of the
// commands that only read.
Result<spec::Json> mongo_query(const spec::Value&);
// The same for who reads a plan: every mistake, at its place. True when there is none.
bool check_mongo_query(const spec::Value&, spec::Diagnostics&);

// As it is sent: the server stops with us, and keeps nothing for who might ask for more.
std::string sent(spec::Json query, Duration timeout);

// Numbers as they stand, object ids and dates as texts: without Extended JSON's `$numberDecimal` and the like.
spec::Json plain(const spec::Json& answer);

struct MongoNumber {
  std::string label;
  double value = 0;
};
// Whether such a command's answer has numbers by itself.
bool has_numbers(const spec::Json& query);
// `count`: its number. `distinct`: how many. `find`, `aggregate`: the number beside `_id` of each document; `_id` is
// its label. Nothing where nothing was found. Code::invalid: documents with more than one number or none, two of one
// label, more than one batch of them. `answer` is plain.
Result<std::vector<MongoNumber>> numbers_in(const spec::Json& query, const spec::Json& answer);

}  // namespace davy::providers
