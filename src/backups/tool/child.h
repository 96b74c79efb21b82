// The programs that a backup is made of: pg_dump, psql, tar. Each ends with us, however we end.
#pragma once
#include <csignal>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/posix/posix.h"

namespace davy::backups {

// Whose rights a program has. A database server refuses to be root.
struct Account {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
};
// Nothing where there is no such account.
std::optional<Account> account(const std::string& name);

struct Tool {
  std::vector<std::string> argv;
  std::map<std::string, std::string> env = {};  // added to ours
  std::optional<Account> as = {};
  bool bare = false;        // of our environment it is told the PATH alone: nothing of the source reaches it
  int ends_with = SIGKILL;  // the signal that it gets when we are gone
  int well = 0;             // an exit code that is well, too
};

// In a coroutine's place: what is here may block, since it runs in a process that does nothing else. Its standard input
// and output are pipes to us (at the end of either the other side sees the end of file), its errors are kept.
class Child {
 public:
  // Code::invalid: there is no such program.
  static Result<Child> start(const Tool&);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  ~Child();  // one that still runs is killed

  Result<std::size_t> read(std::span<char>);  // 0: its output is at an end
  Result<> write(std::string_view);           // Code::unavailable: it reads no more; wait() says why
  void end_input() { in_.reset(); }
  void signal(int);

  // Its end: an Error with the last that it said on stderr where it did not end well.
  Result<> wait();
  std::string errors() const;  // what it said there so far; the first 64 KiB
  bool runs();                 // it has not ended
  int code() const { return code_; }

 private:
  Child(std::string name, int well, pid_t pid, io::Fd in, io::Fd out, io::Fd errors);
  std::string name_;
  int well_ = 0;
  pid_t pid_ = 0;
  int code_ = -1;
  io::Fd in_, out_, errors_;
};

// All that it prints, `most` bytes at the most.
Result<std::string> output_of(const Tool&, std::size_t most = 64 * 1024);

// The program of that name in the PATH; empty: there is none.
std::string in_path(const std::string& name);

}  // namespace davy::backups
