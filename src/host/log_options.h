// What a plan's signal `log` means to io: where its lines come from, and how they are understood.
#pragma once
#include "io/lines/log_reader.h"
#include "providers/signal/log.h"

namespace davy::host {

// Without the clock. Invalid: the options name what no such format has.
Result<io::LogReaderOptions> log_options(const providers::LogSignal&);

}  // namespace davy::host
