// Preloaded into a process of Davy: one allocation of all that its processes make fails, the N-th of one of them, once.
//
//   FAILING_MALLOC_AT=N         which one, counted from that process's start
//   FAILING_MALLOC_OF=WORD      of a process whose first argument this is (`engine`, `keep`)
//   FAILING_MALLOC_ONCE=PATH    a file that exists once it has failed: never again after that
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_long calls;
static long fails_at = -1;
static const char *once;

__attribute__((constructor)) static void begin(void) {
  const char *at = getenv("FAILING_MALLOC_AT"), *of = getenv("FAILING_MALLOC_OF");
  once = getenv("FAILING_MALLOC_ONCE");
  if (!at || !of || !once) return;
  char line[4096] = "";
  int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? 0 : read(fd, line, sizeof line - 1);
  if (fd >= 0) close(fd);
  size_t program = strlen(line) + 1;
  if (n > (ssize_t)program && strcmp(line + program, of) == 0) fails_at = atol(at);
}

static int fails(void) {
  if (fails_at < 0 || atomic_fetch_add(&calls, 1) + 1 != fails_at) return 0;
  int fd = open(once, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0) return 0;
  close(fd);
  errno = ENOMEM;
  return 1;
}

void *malloc(size_t size) {
  static void *(*real)(size_t);
  if (!real) real = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
  return fails() ? NULL : real(size);
}
