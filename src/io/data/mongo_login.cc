#include "io/data/mongo_login.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "io/secrets/encodings.h"

namespace davy::io {
namespace {

const EVP_MD* digest_of(ScramHash hash) { return hash == ScramHash::sha1 ? ::EVP_sha1() : ::EVP_sha256(); }

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string hashed(const EVP_MD* digest, std::string_view text) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  ::EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(out.data()), &size, digest, nullptr);
  out.resize(size);
  return out;
}

std::string keyed(const EVP_MD* digest, std::string_view key, std::string_view text) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  ::HMAC(digest, key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(),
         reinterpret_cast<unsigned char*>(out.data()), &size);
  out.resize(size);
  return out;
}

std::string salted(const EVP_MD* digest, std::string_view password, std::string_view salt, int rounds) {
  std::string out(static_cast<std::size_t>(::EVP_MD_get_size(digest)), '\0');
  ::PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes_of(salt), static_cast<int>(salt.size()),
                      rounds, digest, static_cast<int>(out.size()), reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

std::string in_hex(std::string_view bytes) {
  std::string out;
  for (unsigned char c : bytes) out += fmt::format("{:02x}", c);
  return out;
}

// "n=" and what stands behind it: , and = are the protocol's own.
std::string escaped(std::string_view user) {
  std::string out;
  for (char c : user) out += c == '=' ? "=3D" : c == ',' ? "=2C" : std::string(1, c);
  return out;
}

struct ServerFirst {
  std::string_view nonce;
  std::string salt;
  int rounds = 0;
};

// "r=…,s=…,i=…"; extensions may stand behind it, but none that must be understood (m=).
std::optional<ServerFirst> read_first(std::string_view text) {
  auto parts = split(text, ',');
  if (parts.size() < 3 || !parts[0].starts_with("r=") || !parts[1].starts_with("s=") || !parts[2].starts_with("i="))
    return {};
  ServerFirst out{parts[0].substr(2), base64_decoded(parts[1].substr(2))};
  auto rounds = parts[2].substr(2);
  auto [end, error] = std::from_chars(rounds.data(), rounds.data() + rounds.size(), out.rounds);
  if (error != std::errc{} || end != rounds.data() + rounds.size() || out.salt.empty()) return {};
  return out;
}

constexpr std::string_view kNoBinding = "n,,";  // no channel binding, no other identity

}  // namespace

std::string base64_decoded(std::string_view text) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  auto padding = text.ends_with("==") ? 2u : text.ends_with('=') ? 1u : 0u;
  auto letters = text.substr(0, text.size() - padding);
  if (text.empty() || text.size() % 4 != 0 || letters.find_first_not_of(kLetters) != letters.npos) return {};
  std::string out(text.size() / 4 * 3, '\0');
  ::EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(text), static_cast<int>(text.size()));
  out.resize(out.size() - padding);
  return out;
}

Result<std::string> scram_password(ScramHash hash, std::string_view user, std::string_view password) {
  if (hash == ScramHash::sha1) {
    auto text = fmt::format("{}:mongo:{}", user, password);
    auto digest = hashed(::EVP_md5(), text);
    wipe(text);
    auto out = in_hex(digest);
    wipe(digest);
    return out;
  }
  bool plain = std::ranges::all_of(password, [](char c) { return c >= ' ' && c <= '~'; });
  if (!plain)
    return fail(Code::invalid, "a password that is not in printable ASCII, which Davy cannot prepare for SCRAM-SHA-256",
                "another password for Davy's user, or authMechanism=SCRAM-SHA-1 where the server has that of it");
  return std::string(password);
}

Scram::Scram(ScramHash hash, std::string user, std::string password, std::string nonce)
    : hash_(hash), user_(std::move(user)), password_(std::move(password)), nonce_(std::move(nonce)) {}

Scram::~Scram() { wipe(password_); }

std::string Scram::first_bare() const { return fmt::format("n={},r={}", escaped(user_), nonce_); }
std::string Scram::first() const { return std::string(kNoBinding) + first_bare(); }

Result<std::string> Scram::answer(std::string_view server_first) {
  auto first = read_first(server_first);
  if (!first || !first->nonce.starts_with(nonce_) || first->nonce.size() == nonce_.size())
    return fail(Code::invalid, "the server's part of the login makes no sense");
  if (first->rounds < kLeastRounds || first->rounds > kMostRounds)
    return fail(Code::invalid,
                fmt::format("the server wants the password hashed {} times, and Davy does so {} to {} times",
                            first->rounds, kLeastRounds, kMostRounds));
  auto digest = digest_of(hash_);
  auto key = salted(digest, password_, first->salt, first->rounds);
  wipe(password_);
  auto client = keyed(digest, key, "Client Key"), server = keyed(digest, key, "Server Key");
  auto bare = fmt::format("c={},r={}", base64(kNoBinding), first->nonce);
  auto all = fmt::format("{},{},{}", first_bare(), server_first, bare);
  auto proof = keyed(digest, hashed(digest, client), all);
  for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ client[i]);
  server_signature_ = keyed(digest, server, all);
  wipe(key), wipe(client), wipe(server);
  return fmt::format("{},p={}", bare, base64(proof));
}

Result<> Scram::believe(std::string_view server_final) const {
  if (server_final.starts_with("e="))
    return fail(Code::refused, "the server says: " + printable(server_final.substr(2, 100)));
  auto said = server_final.starts_with("v=") ? base64_decoded(server_final.substr(2, server_final.find(',') - 2)) : "";
  bool same = !server_signature_.empty() && said.size() == server_signature_.size() &&
              ::CRYPTO_memcmp(said.data(), server_signature_.data(), said.size()) == 0;
  if (!same) return fail(Code::invalid, "who answers does not know the password: this is another server");
  return {};
}

}  // namespace davy::io
