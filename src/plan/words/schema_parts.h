// Pieces that the schema and the reference page both need.
#pragma once
#include "plan/parse/sections.h"

namespace davy::plan {

// The form of a table that has keys: one that may be written short has two.
spec::Json object_form(const spec::Json& schema);
inline spec::Json object_form(const spec::Term& term) { return object_form(term.schema()); }

// `required` of an object schema, with its kind first.
spec::Json required_with(const spec::Json& schema, std::string_view kind);

// Of one entry of `watch`.
spec::Json watch_schema();

// Of `releases` beside a platform.
spec::Json releases_schema();

// What a value of this schema is called on the reference page: "duration", "on/off", "`hold`, `close`".
std::string value_name(const spec::Json& schema);

}  // namespace davy::plan
