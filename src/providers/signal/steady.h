// What all sources that are read every so often share: since when one is away, and from when a window counts.
#pragma once
#include "ports/registry.h"

namespace davy::providers {

// look() is read() between the last one that succeeded and now. An Error says since when there is none.
class SteadySource : public ports::Source {
 public:
  explicit SteadySource(ports::Outside& out) : out_(out) {}
  ports::Task<judge::Window> look() final;

 protected:
  // Since `last`, which is nothing on the first look. It sets no times unless it knows better ones than "until now".
  virtual ports::Task<judge::Window> read(std::optional<Time> last) = 0;
  ports::Outside& out_;

 private:
  std::optional<Time> last_, away_;
};

// `what` and since when, for a source that has been away since then.
Error since(Error what, Time away, Time now);

}  // namespace davy::providers
