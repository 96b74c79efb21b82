// What the tests of the network share: certificates made on the spot, and a little server of one's own.
#pragma once
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <functional>
#include <thread>

#include "io/io_testing.h"

namespace davy::io {

// A certificate for `name`, signed by `issuer` or by itself. `ages_for`: from now on; below zero it has expired.
struct Certificate {
  explicit Certificate(const std::string& name = "localhost", const Certificate* issuer = nullptr,
                       std::chrono::seconds ages_for = std::chrono::hours(1))
      : key(::EVP_EC_gen("P-256"), &::EVP_PKEY_free), x509(::X509_new(), &::X509_free) {
    static long serial = 0;
    ::X509_set_version(x509.get(), 2);
    ::ASN1_INTEGER_set(::X509_get_serialNumber(x509.get()), ++serial);
    ::X509_gmtime_adj(::X509_getm_notBefore(x509.get()), -86400);
    ::X509_gmtime_adj(::X509_getm_notAfter(x509.get()), ages_for.count());
    ::X509_set_pubkey(x509.get(), key.get());
    auto* subject = ::X509_get_subject_name(x509.get());
    ::X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1,
                                 -1, 0);
    ::X509_set_issuer_name(x509.get(), issuer ? ::X509_get_subject_name(issuer->x509.get()) : subject);
    add(NID_subject_alt_name, "DNS:" + name);
    if (!issuer) add(NID_basic_constraints, "critical,CA:TRUE");
    ::X509_sign(x509.get(), issuer ? issuer->key.get() : key.get(), ::EVP_sha256());
  }
  std::string pem() const {
    return text([&](BIO* to) { ::PEM_write_bio_X509(to, x509.get()); });
  }
  std::string key_pem(const char* passphrase = nullptr) const {
    return text([&](BIO* to) {
      ::PEM_write_bio_PrivateKey(to, key.get(), passphrase ? ::EVP_aes_256_cbc() : nullptr,
                                 reinterpret_cast<const unsigned char*>(passphrase),
                                 passphrase ? static_cast<int>(std::strlen(passphrase)) : 0, nullptr, nullptr);
    });
  }

 private:
  void add(int kind, const std::string& value) {
    auto* extension = ::X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    ::X509_add_ext(x509.get(), extension, -1);
    ::X509_EXTENSION_free(extension);
  }
  static std::string text(const std::function<void(BIO*)>& write) {
    auto* memory = ::BIO_new(::BIO_s_mem());
    write(memory);
    char* at = nullptr;
    auto size = BIO_get_mem_data(memory, &at);
    std::string result(at, static_cast<std::size_t>(size));
    ::BIO_free(memory);
    return result;
  }
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> x509;
};

// Serves one connection after the other in a thread: what the handler does with the socket is the answer.
class Server {
 public:
  using tcp = asio::ip::tcp;
  using Handler = std::function<void(tcp::socket&)>;
  explicit Server(Handler handler, const char* address = "127.0.0.1")
      : acceptor_(context_, {asio::ip::make_address(address), 0}), thread_([this, handler] {
          for (;;) {
            boost::system::error_code error;
            tcp::socket socket(context_);
            acceptor_.accept(socket, error);
            if (error || stopping_) return;
            try {
              handler(socket);
            } catch (const std::exception&) {  // the client left first
            }
          }
        }) {}
  ~Server() {
    stopping_ = true;
    boost::system::error_code ignored;
    tcp::socket(context_).connect(acceptor_.local_endpoint(), ignored);  // wakes accept()
    thread_.join();
  }
  std::string port() const { return std::to_string(acceptor_.local_endpoint().port()); }
  std::string url(std::string path = "/") const { return "http://127.0.0.1:" + port() + path; }

 private:
  std::atomic<bool> stopping_ = false;
  asio::io_context context_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

template <class Stream>
std::string head_from(Stream& stream) {
  std::string head;
  asio::read_until(stream, asio::dynamic_buffer(head), "\r\n\r\n");
  return head;
}

inline Server::Handler says(std::string text) {
  return [text](Server::tcp::socket& socket) {
    head_from(socket);
    asio::write(socket, asio::buffer(text));
  };
}

}  // namespace davy::io
