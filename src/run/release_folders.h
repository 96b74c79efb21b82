// Where the releases of a service lie that has a releases folder (`releases: { at: PLACE }`). Pure; src/folders makes
// and links them.
//
//   PLACE/folders/NAME    a release, from its first file on: VERSION~RUN, for each run makes its own
//   PLACE/releases/NAME   a link to it, from when it is whole until it is removed: what has its name here is whole
//   PLACE/current         a link to the one in releases/ that is started from there
//   PLACE/shared/…        what releases share
//
// A folder keeps its path while it is prepared and afterwards: what is built often remembers where that was (decision
// 0050).
#pragma once
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace davy::run {

// Beside a release's folder while it is downloaded: NAME.archive, and NAME.sums, which has its sum.
inline constexpr std::string_view kArchive = ".archive", kSums = ".sums";

std::string folder_at(std::string_view place, std::string_view name);
std::string whole_at(std::string_view place, std::string_view name);
std::string current_at(std::string_view place);
std::string shared_at(std::string_view place, std::string_view what);

std::string folder_name(std::string_view release_id);                 // "shop@2~RUN" is "2~RUN"
std::string_view name_in(std::string_view folder);                    // of PLACE/folders/NAME or releases/NAME
std::string_view run_of_folder(std::string_view name);                // "": no run made it
std::string linked(std::string_view folder, std::string_view to);     // what a link in `folder` leads to
std::string from_place(std::string_view place, std::string_view to);  // what a link in PLACE says: relative to it

// How PLACE looks: names in folders/ and in releases/, and who may still need which, by their paths.
struct FoldersSeen {
  std::vector<std::string> folders, whole;
  std::set<std::string> needed;
};

// What a killed or failed run left half made, half downloaded, or half removed: has no name among the whole ones, and
// nobody needs it.
std::vector<std::string> leftovers(std::string_view place, const FoldersSeen&);

// Of the whole ones, oldest first, those that go so that `keep` are left; never one that is needed, nor what no run of
// Davy's made.
std::vector<std::string> may_go(std::string_view place, const FoldersSeen&, std::size_t keep);

}  // namespace davy::run
