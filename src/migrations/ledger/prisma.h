// Prisma's migrations, read from its folder and its table `_prisma_migrations` without prisma.
#pragma once
#include "migrations/ledger/seen.h"

namespace davy::migrations {

struct PrismaFile {
  std::string name, checksum;  // the folder's name; SHA-256 of its migration.sql as it lies there
};
struct PrismaRow {
  std::string name, checksum;
  bool finished = false, rolled_back = false;
};
Seen seen_of(std::vector<PrismaFile>, const std::vector<PrismaRow>&);

}  // namespace davy::migrations
