// The bytes of an archive, from a file or an address, and the sum that they must have.
#pragma once
#include <string>

#include "base/error.h"
#include "base/units.h"
#include "io/posix/posix.h"

namespace davy::folders {

bool is_address(const std::string& place);  // http:// or https://

// Into a new file of that name. Redirects are followed, never from https to http; ~/.netrc is heeded, as by `curl -n`.
// Code::unavailable: nobody answers there, or not as asked, or too slowly; Code::invalid: more than `most`;
// Code::no_space.
Result<> download(const std::string& url, const std::string& file, Bytes most);

// Where an archive is: opened where it is a file, downloaded to `beside` where it is an address.
Result<io::Fd> open_archive(const std::string& place, const std::string& beside, Bytes most);

// Of what a plan says: the sum itself, or a file or an address that has it as sha256sum writes it, in the line of that
// archive where there are several. Code::invalid: there is none.
Result<std::string> expected_sum(const std::string& said, const std::string& archive, const std::string& beside);

// Pure: the same in the text of such a file; empty: it has none.
std::string sum_in(std::string_view text, std::string_view archive);

}  // namespace davy::folders
