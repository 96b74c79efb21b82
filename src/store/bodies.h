// The records that the store writes itself: what a stream says of itself when it begins, gives way and ends.
#pragma once
#include "ports/journal.h"

namespace davy::store {

std::string_view word_of(ports::StreamKind);
std::optional<ports::StreamKind> kind_of(std::string_view word);

ports::Record opened(const ports::StreamInfo&);  // "run opened": number, locks and about; at `opened`
ports::Record superseded(ports::StreamKind, Time, const std::string& by);  // "watch superseded"
ports::Record closed(ports::StreamKind, Time, const ports::Close&);

// id and kind of `out` are known by then, and checked. Code::internal: it is not such a record.
Result<> read_opened(const ports::Record&, ports::StreamInfo& out);
Result<> read_closed(const ports::Record&, ports::StreamInfo& out);

// A run as a stream, and back: `about` holds all that the stream itself does not.
ports::StreamInfo stream_of(const ports::RunInfo&);
Result<ports::RunInfo> run_of(const ports::StreamInfo&);

}  // namespace davy::store
