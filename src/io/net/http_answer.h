// An answer as curl hands it over, line by line and piece by piece, held within its bounds.
#pragma once
#include <optional>
#include <string_view>

#include "io/net/transfer.h"
#include "ports/net.h"

namespace davy::io {

class HttpReader {
 public:
  HttpReader(Bytes most, bool packed) : most_(static_cast<std::size_t>(most.value)), packed_(packed) {}
  void read_from(CURL*);  // must live until the transfer has ended

  // Behind "X answered with": why no more was taken. The transfer then ends with CURLE_WRITE_ERROR.
  const std::optional<Error>& refused() const { return refused_; }
  bool headers_begun() const { return headers_size_ > 0; }
  bool headers_done() const { return done_; }

  ports::HttpAnswer answer(CURL*) &&;  // of a transfer that has ended well

 private:
  static std::size_t header_came(char*, std::size_t, std::size_t, void* self);
  static std::size_t body_came(char*, std::size_t, std::size_t, void* self);
  Result<> take_line(std::string_view);
  Result<> take_header(std::string_view line);
  Result<> take_body(std::string_view);
  bool took(Result<>);

  std::size_t most_;
  bool packed_;
  std::size_t headers_size_ = 0;  // with those of 1xx and trailers
  bool begin_ = true, done_ = false;
  bool provisional_ = false;  // these are headers of a 1xx
  std::string last_name_;
  ports::HttpAnswer answer_;
  std::optional<Error> refused_;
};

std::string human_most(Bytes);  // "4 MiB"

}  // namespace davy::io
