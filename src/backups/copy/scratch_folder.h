// Where a server of our own lies for minutes, in a folder that everybody may write to (`/var/tmp`). Its name cannot be
// guessed, so nobody can stand in the way; and it is written down beside the copies before it is made, so that the next
// one finds what a killed one has left behind.
#pragma once
#include "backups/copy/shelf.h"

namespace davy::backups {

// A new folder of a new name in `in`, through which others pass and in which they read nothing. What an earlier one
// left behind is removed first. The shelf is ours meanwhile, so nobody works there.
Result<std::string> make_scratch_folder(const Shelf&, const std::string& in);

// What is written down is gone, and the note. What is not ours, or no such folder, is left alone. Fine when there is
// nothing. A server that was killed with its Davy may still be ending: it is waited for.
Result<> remove_scratch_folder(const Shelf&);

}  // namespace davy::backups
