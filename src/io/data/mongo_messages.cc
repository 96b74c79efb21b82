#include "io/data/mongo_messages.h"

#include <bson/bson.h>

#include <memory>

#include "base/text.h"

namespace davy::io {
namespace {

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

bool append(bson_t* to, std::string_view key, std::string_view value) {
  return ::bson_append_utf8(to, key.data(), static_cast<int>(key.size()), value.data(), static_cast<int>(value.size()));
}

bool append_preference(bson_t* to, const std::string& mode) {
  if (mode.empty()) return true;
  bson_t inner;
  constexpr std::string_view kKey = "$readPreference";
  return ::bson_append_document_begin(to, kKey.data(), static_cast<int>(kKey.size()), &inner) &&
         append(&inner, "mode", mode) && ::bson_append_document_end(to, &inner);
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
  bson_error_t error{};
  auto size = static_cast<ssize_t>(c.json.size());
  Document document(c.json.empty() ? nullptr : ::bson_new_from_json(bytes_of(c.json), size, &error));
  if (!document.of || bson_empty(document.of))
    return fail(Code::invalid, "the command is no document in Extended JSON: " + printable(error.message));
  if (::bson_has_field(document.of, "$db") || !append(document.of, "$db", c.database) ||
      !append_preference(document.of, c.preference))
    return fail(Code::invalid, "the command cannot be sent: it says `$db` itself, or is too large");
  std::string out;
  put(out, static_cast<std::int32_t>(kDocument + document.of->len));
  put(out, id), put(out, 0), put(out, kOpMsg);
  put(out, 0);   // no flags
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
  if (number_at(message, kHeader) != 0 || message[kDocument - 1] != '\0') return not_ours("flags that nobody asked for");
  auto text = printed(message.substr(kDocument));
  if (!text) return std::unexpected(text.error());
  bytes_.erase(0, size);
  return std::optional(*std::move(text));
}

}  // namespace davy::io
