#include "io/net/http_errors.h"

#include <fmt/format.h>
#include <openssl/x509_vfy.h>

#include <boost/system/error_code.hpp>

#include "base/text.h"

namespace davy::io {
namespace {

std::string system_text(CURL* easy) {
  long number = 0;
  ::curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &number);
  return number ? boost::system::error_code(static_cast<int>(number), boost::system::system_category()).message() : "";
}

// What curl says is ours and OpenSSL's, with names from certificates and status lines in it; but a proxy's URL it would
// show with its password.
std::string reason(const Transfer& transfer, CURLcode code) {
  std::string_view text = transfer.text();
  return printable(text.empty() || text.contains('@') ? ::curl_easy_strerror(code) : text.substr(0, 200));
}

Error not_verified(const Transfer& transfer, CURLcode code, const std::string& where) {
  long verified = X509_V_OK;
  ::curl_easy_getinfo(transfer.easy(), CURLINFO_SSL_VERIFYRESULT, &verified);
  bool name = verified == X509_V_OK || verified == X509_V_ERR_UNSPECIFIED;  // curl looks at that itself
  auto why = name ? reason(transfer, code) : ::X509_verify_cert_error_string(verified);
  return {Code::invalid, fmt::format("the certificate of {} is not accepted: {}", where, why)};
}

// An address that refuses at once is named by the system; a name that leads nowhere by curl.
Error not_connected(const Transfer& transfer, CURLcode code, const std::string& where) {
  auto why = system_text(transfer.easy());
  return {Code::unavailable, fmt::format("connecting to {}: {}", where, why.empty() ? reason(transfer, code) : why)};
}

// Wrong chunks and frames have no code of their own.
Error broken_off(const Transfer& transfer, CURLcode code, const std::string& where) {
  auto why = reason(transfer, code);
  if (why.contains("chunk") || why.contains("nghttp2"))
    return {Code::invalid, where + " answered with something that is not HTTP: " + why};
  auto system = system_text(transfer.easy());
  return {Code::unavailable, fmt::format("asking {}: {}", where, system.empty() ? why : system)};
}

Error no_memory(const HttpReader& reader, const std::string& where) {
  if (reader.headers_done()) return {Code::unavailable, "there is no memory for the answer of " + where};
  return {Code::invalid, where + " answered with more than 64 KiB of headers, or there is no memory for them"};
}

}  // namespace

Error transfer_error(const Transfer& transfer, CURLcode code, const HttpReader& reader,
                     const ports::HttpRequest& request, const std::string& where) {
  if (auto& refused = reader.refused()) {
    if (refused->code == Code::unavailable) return {refused->code, "there is no memory for the answer of " + where};
    return {refused->code, where + " answered with " + refused->message};
  }
  if (transfer.too_large()) return {Code::invalid, where + " answered with more than " + human_most(request.most)};
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {Code::unavailable, fmt::format("asking {}: {}", where, reason(transfer, code))};
    case CURLE_COULDNT_CONNECT:
      return not_connected(transfer, code, where);
    case CURLE_PEER_FAILED_VERIFICATION:
      return not_verified(transfer, code, where);
    case CURLE_SSL_CACERT_BADFILE:
      return {Code::invalid, fmt::format("no certificates can be read from {}", request.ca), "a file in PEM format"};
    case CURLE_SSL_CERTPROBLEM:
      return {
          Code::invalid,
          fmt::format("the certificate {} or its key cannot be used: {}", request.certificate, reason(transfer, code)),
          "both in PEM format, the key without a passphrase"};
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
      return {Code::unavailable, where + " closed the connection before its answer was complete"};
    case CURLE_OUT_OF_MEMORY:
      return no_memory(reader, where);
    case CURLE_SSL_CONNECT_ERROR:
      return {Code::unavailable, fmt::format("TLS with {}: {}", where, reason(transfer, code))};
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2_STREAM:
    case CURLE_PROXY:
      return broken_off(transfer, code, where);
    case CURLE_URL_MALFORMAT:
      return {Code::invalid, fmt::format("{} cannot be asked: {}", where, reason(transfer, code))};
    default:
      return {Code::invalid,
              fmt::format("{} answered with something that is not HTTP: {}", where, reason(transfer, code))};
  }
}

}  // namespace davy::io
