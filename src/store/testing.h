// What the tests of the store share. Tests only.
#pragma once
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <optional>

#include "ports/journal.h"

namespace davy::store::testing {

namespace asio = boost::asio;

// Runs one call to its end on an executor of its own.
template <class T>
Result<T> wait(ports::Task<T> task) {
  asio::io_context io;
  std::optional<Result<T>> out;
  asio::co_spawn(io, std::move(task), [&](std::exception_ptr thrown, Result<T> result) {
    if (thrown) std::rethrow_exception(thrown);
    out = std::move(result);
  });
  io.run();
  return std::move(*out);
}

template <class T>
::testing::AssertionResult ok(const Result<T>& result) {
  if (result) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << name(result.error().code) << ": " << to_string(result.error());
}

template <class T>
::testing::AssertionResult is(const Result<T>& result, Code code) {
  if (result) return ::testing::AssertionFailure() << "it succeeded";
  if (result.error().code == code) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << name(result.error().code) << ": " << to_string(result.error());
}

inline Time at(std::int64_t second) { return Time(std::chrono::seconds(1'700'000'000 + second)); }

inline ports::RunInfo a_run(std::string id, std::vector<std::string> services = {"api"}, std::int64_t second = 0) {
  return {.id = std::move(id),
          .services = std::move(services),
          .environment = "production",
          .version = "v2",
          .release = "r-2",
          .digest = "d1",
          .runbook_hash = "h1",
          .who = "ana",
          .why = "login is broken",
          .started = at(second),
          .epoch = 1};
}

inline ports::Opening a_watch(std::string id, std::vector<std::string> locks = {}) {
  return {
      .info = {.id = std::move(id), .locks = std::move(locks), .about = R"({"release":"api@2~r1"})", .opened = at(9)},
      .first = {{.at = at(9), .kind = "looked", .body = "first"}}};
}

inline std::vector<ports::Record> records(std::vector<std::string> bodies, std::int64_t second = 0) {
  std::vector<ports::Record> out;
  for (auto& body : bodies) out.push_back({.at = at(second++), .kind = "step", .body = std::move(body)});
  return out;
}

// Of the records that were given; the store's own stand before and after them.
inline std::vector<std::string> bodies(const Result<std::vector<ports::Record>>& read) {
  std::vector<std::string> out;
  EXPECT_TRUE(ok(read));
  if (read)
    for (auto& record : *read)
      if (!ports::written_by_the_store(record)) out.push_back(record.body);
  return out;
}

inline std::vector<std::string> kinds(const Result<std::vector<ports::Record>>& read) {
  std::vector<std::string> out;
  EXPECT_TRUE(ok(read));
  if (read)
    for (auto& record : *read) out.push_back(record.kind);
  return out;
}

class TempDirectory {
 public:
  TempDirectory() : path_((std::filesystem::temp_directory_path() / "davy-store-XXXXXX").string()) {
    EXPECT_NE(::mkdtemp(path_.data()), nullptr);
  }
  ~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDirectory(const TempDirectory&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

}  // namespace davy::store::testing
