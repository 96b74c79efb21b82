// `davy work folder REQUEST`: what is done to a releases folder, by a process of its own that a keeper started: it
// takes as long as disks and networks do. The engine decides what (src/engine/children/folder_operator.cc).
#pragma once
#include <string>
#include <vector>

#include "base/error.h"
#include "spec/fields.h"

namespace davy::folders {

// The release itself is PLACE/folders/NAME (src/run/release_folders.h).
struct Work {
  std::string act;         // below
  std::string at;          // the place
  std::string owner = {};  // "shop in production": whose it is, once somebody said so
  std::string name;        // of the release's folder
  std::string git, ref;
  std::string archive, sha256;
  std::string adopt;                   // the folder of what ran before
  std::string target;                  // what `current` is to say
  std::vector<std::string> shared;     // paths within the release
  std::vector<std::string> leftovers;  // names in folders/ that go first
  std::vector<std::string> names;      // of releases that go
};

// begin    makes the folder anew, and fills it from git or the archive, where one is named
// share    links what is shared into it
// whole    has all of it on the disk, and gives it its name among the whole ones
// adopt    gives the folder `adopt` that name, by a link, and points `current` to it where nobody did
// current  points `current` to `target`
// nobody   takes `current` away where it points to that release
// remove   takes the names away, then what is behind them
//
// A place belongs to whoever began there first: Code::refused for another owner.
//
// Each may be killed and repeated: what counts comes and goes in one step, at its end. Answers what it made, for later
// steps: the `artifact` of a fetch. Errors as those of links.h, trees.h, archive.h, git.h.
Result<spec::Json> carry_out(const Work&);

// The process: prints what was made, or the error as its last line. Its exit code.
int folder_work(const std::string& request);

}  // namespace davy::folders

namespace davy::spec {
template <>
inline constexpr bool kApart<folders::Work> = true;
}  // namespace davy::spec
