// Where the texts of a request meet the values of secrets.
#pragma once
#include "io/secrets/secrets.h"
#include "ports/net.h"

namespace davy::io {

// A request as it is sent: its headers, and the texts of its JSON body where they may, that are `$NAME` of one of its
// secrets have the values. They are wiped at the end.
class FilledRequest {
 public:
  // Code::invalid: a secret without a value, or one that cannot stand in a header. secrets: null where none can be
  // sent.
  static Result<FilledRequest> from(const ports::HttpRequest&, const Secrets* secrets);
  FilledRequest(FilledRequest&&) = default;
  ~FilledRequest();

  const ports::HttpRequest& request() const { return request_; }

 private:
  explicit FilledRequest(ports::HttpRequest r) : request_(std::move(r)) {}
  Result<> fill_headers(const Secrets&);
  Result<> fill_body(const Secrets&);
  ports::HttpRequest request_;
};

}  // namespace davy::io
