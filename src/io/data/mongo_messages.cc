#include "io/data/mongo_messages.h"

#include <libbson-1.0/bson/bson.h>

#include <algorithm>
#include <cstdint>
#include <memory>

#include "spec/json.h"

namespace davy::io {
namespace {

using spec::Json;

constexpr std::int32_t kOpMsg = 2013;
constexpr std::size_t kHeader = 16, kDocument = kHeader + 4 + 1, kShortestDocument = 5;
constexpr int kDeepest = 90;  // libbson prints no more than 100, and calls itself for each

struct Free {
  void operator()(char* text) const { ::bson_free(text); }
};
struct Document {  // no unique_ptr: a template forgets how bson_t is aligned
  explicit Document(bson_t* d) : of(d) {}
  ~Document() {
    if (of) ::bson_destroy(of);
  }
  Document(const Document&) = delete;
  bson_t* const of;
};

const std::uint8_t* bytes_of(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

void put(std::string& out, std::int32_t number) {
  for (int shift = 0; shift < 32; shift += 8)
    out += static_cast<char>(static_cast<std::uint32_t>(number) >> shift & 0xff);
}

std::int32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < 4; ++i) out |= std::uint32_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return static_cast<std::int32_t>(out);
}

// {"$date": "…"} and the like: a value that JSON has no word for. All else is sent as it is written: libbson itself
// takes
// `$regex` and `$type` of a query for such words, too.
bool is_extended(const Json& j) {
  constexpr std::string_view kWords[] = {"$oid",          "$date",          "$numberInt", "$numberLong",
                                         "$numberDouble", "$numberDecimal", "$binary",    "$uuid",
                                         "$timestamp",    "$minKey",        "$maxKey",    "$regularExpression"};
  return j.is_object() && j.size() == 1 && std::ranges::find(kWords, j.begin().key()) != std::end(kWords);
}

bool append_extended(bson_t* to, std::string_view key, const Json& j) {
  auto text = spec::dump(Json{{"v", j}});
  Document document(::bson_new_from_json(bytes_of(text), static_cast<ssize_t>(text.size()), nullptr));
  bson_iter_t at;
  return document.of && ::bson_iter_init_find(&at, document.of, "v") && !BSON_ITER_HOLDS_DOCUMENT(&at) &&
         ::bson_append_value(to, key.data(), static_cast<int>(key.size()), ::bson_iter_value(&at));
}

bool append(bson_t* to, std::string_view key, const Json& j);

bool append_all(bson_t* to, const Json& of) {
  bool fine = true;
  for (auto& [key, value] : of.items()) fine = fine && append(to, key, value);
  return fine;
}

bool append_number(bson_t* to, std::string_view key, const Json& j) {
  auto size = static_cast<int>(key.size());
  if (!j.is_number_integer()) return ::bson_append_double(to, key.data(), size, j.get<double>());
  if (j.is_number_unsigned() && j.get<std::uint64_t>() > INT64_MAX) return false;
  auto number = j.get<std::int64_t>();
  if (number < INT32_MIN || number > INT32_MAX) return ::bson_append_int64(to, key.data(), size, number);
  return ::bson_append_int32(to, key.data(), size, static_cast<std::int32_t>(number));
}

bool append(bson_t* to, std::string_view key, const Json& j) {
  auto size = static_cast<int>(key.size());
  bson_t inner;
  if (key.contains('\0')) return false;
  if (is_extended(j)) return append_extended(to, key, j);
  if (j.is_array())
    return ::bson_append_array_begin(to, key.data(), size, &inner) && append_all(&inner, j) &&
           ::bson_append_array_end(to, &inner);
  if (j.is_object())
    return ::bson_append_document_begin(to, key.data(), size, &inner) && append_all(&inner, j) &&
           ::bson_append_document_end(to, &inner);
  if (j.is_number()) return append_number(to, key, j);
  if (j.is_boolean()) return ::bson_append_bool(to, key.data(), size, j.get<bool>());
  if (!j.is_string()) return ::bson_append_null(to, key.data(), size);
  auto& text = j.get_ref<const std::string&>();
  return ::bson_append_utf8(to, key.data(), size, text.data(), static_cast<int>(text.size()));
}

// Whether all lengths fit together, not too deep. Everything else libbson sees when it prints.
bool sound(bson_iter_t& at, int depth) {
  if (depth == kDeepest) return false;
  while (::bson_iter_next(&at)) {
    bson_iter_t inner;
    if (BSON_ITER_HOLDS_DOCUMENT(&at) || BSON_ITER_HOLDS_ARRAY(&at)) {
      if (!::bson_iter_recurse(&at, &inner) || !sound(inner, depth + 1)) return false;
    } else if (BSON_ITER_HOLDS_CODEWSCOPE(&at)) {
      std::uint32_t code = 0, size = 0;
      const std::uint8_t* scope = nullptr;
      ::bson_iter_codewscope(&at, &code, &size, &scope);
      if (!::bson_iter_init_from_data(&inner, scope, size) || !sound(inner, depth + 1)) return false;
    }
  }
  return at.err_off == 0;
}

Result<std::string> printed(std::string_view document) {
  bson_t view;
  bson_iter_t at;
  if (!::bson_init_static(&view, bytes_of(document), document.size()) || !::bson_iter_init(&at, &view) || !sound(at, 0))
    return fail(Code::invalid, "the answer is broken: lengths that do not fit together, or nested too deep");
  std::size_t size = 0;
  std::unique_ptr<char, Free> text(::bson_as_relaxed_extended_json(&view, &size));
  if (!text) return fail(Code::invalid, "the answer is broken: not UTF-8, or values that are none");
  return std::string(text.get(), size);
}

std::unexpected<Error> not_ours(std::string_view why) {
  return fail(Code::invalid, "the answer is not MongoDB's protocol: " + std::string(why));
}

}  // namespace

Result<std::string> mongo_message(std::int32_t id, const MongoCommand& c) {
  auto json = spec::parse_json(c.json);
  if (!json || !json->is_object() || json->empty()) return fail(Code::invalid, "the command is no document in JSON");
  if (json->contains("$db")) return fail(Code::invalid, "the command says `$db` itself");
  (*json)["$db"] = c.database;
  if (!c.preference.empty()) (*json)["$readPreference"] = {{"mode", c.preference}};
  Document document(::bson_new());
  if (!append_all(document.of, *json))
    return fail(Code::invalid, "the command has a value that is none in Extended JSON, such as {\"$oid\": \"5\"}");
  std::string out;
  put(out, static_cast<std::int32_t>(kDocument + document.of->len));
  put(out, id), put(out, 0), put(out, kOpMsg);
  put(out, 0);  // no flags
  out += '\0';  // a section of one document
  out.append(reinterpret_cast<const char*>(::bson_get_data(document.of)), document.of->len);
  return out;
}

Result<> MongoReplies::feed(std::string_view bytes) {
  fed_ += bytes.size();
  if (fed_ > kMost) return fail(Code::invalid, "the answer is larger than 4 MiB");
  bytes_ += bytes;
  return {};
}

Result<std::optional<std::string>> MongoReplies::next(std::int32_t asked) {
  if (bytes_.size() < kHeader) return std::nullopt;
  auto size = static_cast<std::uint32_t>(number_at(bytes_, 0));
  if (number_at(bytes_, 12) != kOpMsg) return not_ours("no OP_MSG, which MongoDB speaks since 3.6");
  if (number_at(bytes_, 8) != asked) return not_ours("an answer to something else");
  if (size > kMost) return fail(Code::invalid, "the answer is larger than 4 MiB");
  if (size < kDocument + kShortestDocument) return not_ours("a message without a document");
  if (bytes_.size() < size) return std::nullopt;
  auto message = std::string_view(bytes_).substr(0, size);
  if (number_at(message, kHeader) != 0 || message[kDocument - 1] != '\0')
    return not_ours("flags that nobody asked for");
  auto text = printed(message.substr(kDocument));
  if (!text) return std::unexpected(text.error());
  bytes_.erase(0, size);
  return std::optional(*std::move(text));
}

}  // namespace davy::io
