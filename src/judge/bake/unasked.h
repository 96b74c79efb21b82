// Whether a candidate passes of whose errors the plan asks nothing. That no test accused it is no pass.
#pragma once
#include <string>

#include "judge/bake/baked.h"

namespace davy::judge {

struct Told {
  Kind kind;
  std::string says;
};

// It must have had requests enough to rule out that it fails a lot, its errors must be no more than chance makes of
// those beside it, nearly all of its requests must have been compared where it has errors and anybody serves beside it,
// and clients must not have given up waiting for it.
Told errors_unasked(const Baked&, const run::Subject&);

}  // namespace davy::judge
