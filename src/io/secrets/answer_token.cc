#include "io/secrets/answer_token.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>

#include <array>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "io/net/url.h"
#include "io/posix/posix.h"
#include "io/secrets/secrets.h"

namespace davy::io {
namespace {

constexpr std::size_t kKey = 32, kSigned = 16, kLongestToken = 1024;
constexpr std::string_view kLetters =
    "0123456789abcdefghjkmnpqrstvwxyz";  // Crockford's base 32: none looks like another

std::string base32(std::string_view bytes) {
  std::string out;
  std::uint32_t held = 0;
  int bits = 0;
  for (unsigned char byte : bytes)
    for (held = held << 8 | byte, bits += 8; bits >= 5; bits -= 5) out += kLetters[held >> (bits - 5) & 31];
  if (bits > 0) out += kLetters[held << (5 - bits) & 31];
  return out;
}

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number out{};
  auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (wrong != std::errc{} || end != text.data() + text.size()) return {};
  return out;
}

// What stands before the next point from the beginning, or behind the last one; and is taken off.
std::string_view first_of(std::string_view& text) {
  auto end = std::min(text.find('.'), text.size());
  auto out = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return out;
}
std::string_view last_of(std::string_view& text) {
  auto at = text.rfind('.');
  auto out = text.substr(at + 1);
  text = text.substr(0, at == text.npos ? 0 : at);
  return out;
}

Result<> make_key(const std::string& file) {
  std::array<char, kKey> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return std::unexpected(system_error("making a key"));
  // A whole key appears under its name, or none; of two who make one at once the first counts.
  auto own = fmt::format("{}.{}", file, ::getpid());
  auto written = replace_file(own, {bytes.data(), bytes.size()}, 0600, Sync::yes);
  ::OPENSSL_cleanse(bytes.data(), bytes.size());
  if (!written) return written;
  auto linked = ::link(own.c_str(), file.c_str()) == 0 || errno == EEXIST;
  auto error = errno;
  ::unlink(own.c_str());
  if (!linked) return std::unexpected(system_error("keeping " + file, error));
  return {};
}

}  // namespace

Result<AnswerKey> AnswerKey::of(const std::string& file) {
  auto there = read_if_there(file, kKey + 1);
  if (there && !*there) {
    if (auto made = make_key(file); !made) return std::unexpected(made.error());
    there = read_if_there(file, kKey + 1);
  }
  if (!there) return std::unexpected(there.error());
  if (auto ours = only_we_can_read(file); !ours) return std::unexpected(ours.error());
  if (!*there || (*there)->size() != kKey)
    return fail(Code::invalid, file + " is no key of Davy's", "remove it: a new one is made, and old tokens are void");
  return AnswerKey(**there);
}

std::string AnswerKey::signature(std::string_view text) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned length = 0;
  ::HMAC(::EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(), &length);
  return base32({reinterpret_cast<const char*>(out.data()), kSigned});
}

std::string AnswerKey::token(const Answerable& a) const {
  auto until = std::chrono::duration_cast<std::chrono::seconds>(a.until.time_since_epoch()).count();
  auto text = fmt::format("{}.{}.{}.{}", a.run, a.attempt, percent_encoded(a.person), until);
  return text + "." + signature(text);
}

Result<Answerable> AnswerKey::read(std::string_view token) const {
  auto none = fail(Code::invalid, "this is no token of this state directory",
                   "copy it whole from the message; "
                   "`--state DIR` names another directory");
  if (token.size() > kLongestToken) return none;
  auto text = token;
  auto given = last_of(text);
  auto right = signature(text);
  if (given.size() != right.size() || ::CRYPTO_memcmp(given.data(), right.data(), right.size()) != 0) return none;
  Answerable out{.run = std::string(first_of(text))};
  auto attempt = number<std::int64_t>(first_of(text));
  auto until = number<std::int64_t>(last_of(text));
  if (!attempt || !until) return none;
  out.attempt = *attempt, out.person = percent_decoded(text), out.until = Time(std::chrono::seconds(*until));
  return out;
}

}  // namespace davy::io
