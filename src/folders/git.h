// A version from a git repository, by the user's own git: keys, credentials and proxies are theirs.
#pragma once
#include <string>
#include <vector>

#include "base/error.h"

namespace davy::folders {

// Pure: a name that git takes for a tag, a branch or a commit, and never for an option or a refspec. Code::invalid.
Result<> fits_as_ref(const std::string& ref);

// Pure: what is said to git, one after the other, so that `folder` holds that ref and nothing else of the repository's
// history. No hook runs: none is copied in, and none is looked for.
std::vector<std::vector<std::string>> git_commands(const std::string& folder, const std::string& url,
                                                   const std::string& ref);

// Fills an empty folder, and says which commit that is. Code::unavailable: git could not, with its reason.
Result<std::string> fetch_by_git(const std::string& folder, const std::string& url, const std::string& ref);

}  // namespace davy::folders
