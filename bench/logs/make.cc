// Writes a made-up traffic log to standard output: logs_make KIND MEGABYTES [SEED]
#include <cstdio>
#include <cstdlib>

#include "made.h"

int main(int argc, char** argv) {
  if (argc < 3) return std::fputs("logs_make davy1|httplog|nginx|nginx-json|caddy|paths MEGABYTES [SEED]\n", stderr), 2;
  davy::bench::MadeLog log(argv[1], argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1);
  if (!log.known()) return std::fprintf(stderr, "logs_make: no kind %s\n", argv[1]), 2;
  auto wanted = std::strtoull(argv[2], nullptr, 10) * 1'000'000;
  std::string block;
  for (std::uint64_t written = 0; written < wanted; written += block.size()) {
    block.clear();
    while (block.size() < 1 << 16) log.line(block);
    if (std::fwrite(block.data(), 1, block.size(), stdout) != block.size()) return 1;
  }
  return 0;
}
