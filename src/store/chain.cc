#include "store/chain.h"

#include <openssl/evp.h>

#include <bit>
#include <cstring>
#include <memory>

namespace davy::store {
namespace {

// OpenSSL 3 looks the algorithm up by name at every use of EVP_sha256(); this does it once.
const EVP_MD* sha256() {
  static const EVP_MD* const kAlgorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return kAlgorithm;
}

class Hasher {
 public:
  Hasher() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    DAVY_CHECK(context_ && EVP_DigestInit_ex(context_.get(), sha256(), nullptr) == 1);
  }
  Hasher& add(std::string_view bytes) {
    DAVY_CHECK(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
    return *this;
  }
  Hasher& add(std::int64_t number) {
    auto big_endian = __builtin_bswap64(static_cast<std::uint64_t>(number));
    static_assert(std::endian::native == std::endian::little);
    return add({reinterpret_cast<const char*>(&big_endian), sizeof big_endian});
  }
  Hash done() {
    Hash hash;
    DAVY_CHECK(EVP_DigestFinal_ex(context_.get(), hash.data(), nullptr) == 1);
    return hash;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

std::string_view bytes_of(const Hash& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

}  // namespace

Hash chain_origin(std::string_view kind, std::string_view id) {
  return Hasher().add("davy journal 2\n").add(kind).add("\n").add(id).done();
}

Hash chain_next(const Hash& previous, const ports::Record& record) {
  return Hasher()
      .add(bytes_of(previous))
      .add(record.seq)
      .add(record.at.time_since_epoch().count())
      .add(static_cast<std::int64_t>(record.kind.size()))
      .add(record.kind)
      .add(record.body)
      .done();
}

}  // namespace davy::store
