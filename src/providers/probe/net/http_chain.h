// Probe `http`, several requests one after the other: what one answers, the next may send.
#pragma once
#include "providers/probe/net/http.h"

namespace davy::providers {

// Names of what was kept of the answers so far, and their texts.
using Kept = std::map<std::string, std::string>;

// `${name}` of what was kept becomes its text; within a URL percent-encoded. All else stays. Code::invalid: it would
// become `$NAME`, for which a secret is put in at the edge: no answer of a server may ask for one.
Result<HttpProbe> with_kept(HttpProbe, const Kept&);

// Takes what `keep` names out of an answer. Code::invalid names what is not there, or is no single text or number.
Result<> keep(const HttpProbe&, const ports::HttpAnswer&, Kept&);

// The requests in their order: this one, and those of `then`, each with what it is to be. Code::invalid: one of `then`
// is none.
Result<std::vector<HttpProbe>> chain_of(const HttpProbe&);

}  // namespace davy::providers
