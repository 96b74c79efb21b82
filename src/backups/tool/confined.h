// A server that holds somebody else's data runs what that data says: conditions and functions of a database are
// programs, and its superuser may run commands and write files. Confined, it may run nothing but itself, write nowhere
// but where its data lies, and reach no other server.
//
// By Landlock (landlock(7), from Linux 5.13 on) and a filter of one system call (seccomp(2)): both hold for all that it
// starts, and nobody can take them back.
#pragma once
#include <string>
#include <vector>

namespace davy::backups {

struct Confined {
  std::string program;              // the one that it may run: itself
  std::vector<std::string> writes;  // folders below which it may write
};

bool can_confine();  // this kernel can

// This process, from now on and in whatever it becomes. Called between fork and exec; false: errno says why, and it
// must not go on.
bool confine(const Confined&);

}  // namespace davy::backups
