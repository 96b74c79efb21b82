#include "io/look/x509.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <span>

#include "base/text.h"
#include "io/net/address.h"

namespace davy::io {
namespace {

constexpr std::size_t kMostNames = 200;
constexpr std::size_t kMostCertificates = 100;
constexpr std::int64_t kLastSecond = 9'000'000'000;  // year 2255: Time counts nanoseconds in 64 bits

template <auto Free>
struct Freed {
  void operator()(auto* it) const { Free(it); }
};
using Bio = std::unique_ptr<BIO, Freed<&::BIO_free>>;
using Owned = std::unique_ptr<X509, Freed<&::X509_free>>;

std::string text_in(BIO* memory) {
  char* at = nullptr;
  auto size = BIO_get_mem_data(memory, &at);
  return printable(std::string_view(at, static_cast<std::size_t>(size)));
}

// "CN=shop, O=Acme", as RFC 2253 escapes it, in the order in which it stands.
std::string name_text(const X509_NAME* name) {
  Bio out(::BIO_new(::BIO_s_mem()));
  ::X509_NAME_print_ex(out.get(), name, 0,
                       (ASN1_STRFLGS_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) | XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_FN_SN);
  return text_in(out.get());
}

Time time_of(const ASN1_TIME* when) {
  std::tm parts{};
  if (::ASN1_TIME_to_tm(when, &parts) != 1) return {};
  auto at = std::clamp<std::int64_t>(::timegm(&parts), -kLastSecond, kLastSecond);
  return Time(std::chrono::seconds(at));
}

std::string_view bytes_of(const ASN1_STRING* s) {
  return {reinterpret_cast<const char*>(::ASN1_STRING_get0_data(s)), static_cast<std::size_t>(::ASN1_STRING_length(s))};
}

std::vector<std::string> names_on(X509* x) {
  std::vector<std::string> out;
  auto* all = static_cast<GENERAL_NAMES*>(::X509_get_ext_d2i(x, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(all) && out.size() < kMostNames; ++i) {
    auto* one = sk_GENERAL_NAME_value(all, i);
    if (one->type == GEN_IPADD) out.push_back(ip_text(bytes_of(one->d.iPAddress)));
    if (one->type == GEN_DNS) out.push_back(printable(bytes_of(one->d.dNSName)));
  }
  ::GENERAL_NAMES_free(all);
  return out;
}

std::string hexadecimal(std::span<const unsigned char> bytes) {
  std::string out;
  for (auto byte : bytes) out += fmt::format("{:02x}", byte);
  return out;
}

std::string serial_of(X509* x) {
  auto* serial = ::X509_get0_serialNumber(x);
  return hexadecimal({::ASN1_STRING_get0_data(serial), static_cast<std::size_t>(::ASN1_STRING_length(serial))});
}

std::string fingerprint_of(X509* x) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  ::X509_digest(x, ::EVP_sha256(), digest, &size);
  return hexadecimal({digest, size});
}

std::string key_of(X509* x) {
  auto* key = ::X509_get0_pubkey(x);
  auto* kind = key ? ::EVP_PKEY_get0_type_name(key) : nullptr;
  return kind ? fmt::format("{} {}", kind, ::EVP_PKEY_get_bits(key)) : "unknown";
}

}  // namespace

ports::Certificate described(X509* x) {
  return {.subject = name_text(::X509_get_subject_name(x)),
          .issuer = name_text(::X509_get_issuer_name(x)),
          .names = names_on(x),
          .from = time_of(::X509_get0_notBefore(x)),
          .until = time_of(::X509_get0_notAfter(x)),
          .serial = serial_of(x),
          .fingerprint = fingerprint_of(x),
          .key = key_of(x)};
}

bool is_for(X509* x, const std::string& name) {
  boost::system::error_code no_number;
  boost::asio::ip::make_address(name, no_number);
  if (!no_number) return ::X509_check_ip_asc(x, name.c_str(), 0) == 1;
  return ::X509_check_host(x, name.data(), name.size(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr) == 1;
}

Result<std::vector<ports::Certificate>> in_pem(const std::string& text) {
  Bio in(::BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  std::vector<ports::Certificate> out;
  while (out.size() < kMostCertificates) {
    Owned one(::PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
    if (!one) break;
    out.push_back(described(one.get()));
  }
  ::ERR_clear_error();
  if (out.empty()) return fail(Code::invalid, "no certificate in PEM", "a text with -----BEGIN CERTIFICATE-----");
  return out;
}

}  // namespace davy::io
