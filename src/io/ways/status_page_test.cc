#include "io/ways/status_page.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <boost/asio/co_spawn.hpp>
#include <nlohmann/json.hpp>
#include <thread>

#include "io/io_testing.h"

namespace davy::io {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Result<> put(ports::PageEntry e) {
  asio::io_context context;
  std::optional<Result<>> out;
  StatusPages pages;
  asio::co_spawn(context, pages.put(std::move(e)),
                 [&](std::exception_ptr, Result<> result) { out = std::move(result); });
  context.run();
  return *out;
}

ports::PageEntry entry(const Scratch& folder, int n) {
  return {.file = folder / "status",
          .id = "r1." + std::to_string(n),
          .event = "done",
          .subject = "shop " + std::to_string(n) + " in production: done",
          .text = "it serves",
          .at = Time(std::chrono::seconds(1795942800 + n))};
}

std::string text_of(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(StatusPage, HasTheNewestFirstForPeopleAndForPrograms) {
  Scratch folder;
  for (int n : {1, 3, 2, 3}) ASSERT_TRUE(put(entry(folder, n)));
  auto json = nlohmann::json::parse(text_of(folder / "status.json"));
  ASSERT_EQ(json["notices"].size(), 3u) << "what is told twice stands there once";
  EXPECT_EQ(json["notices"][0]["id"], "r1.3");
  EXPECT_EQ(json["notices"][2]["id"], "r1.1");
  auto html = text_of(folder / "status.html");
  EXPECT_LT(html.find("shop 3 in production"), html.find("shop 1 in production"));
  struct stat seen{};
  ASSERT_EQ(::stat((folder / "status.html").c_str(), &seen), 0);
  EXPECT_EQ(seen.st_mode & 0777, 0644U);
}

TEST(StatusPage, NothingInItIsMoreThanText) {
  Scratch folder;
  auto hostile = entry(folder, 1);
  hostile.subject = "<script>alert(1)</script>", hostile.text = "a \"quote\" & \x1b[31mred\nsecond line";
  ASSERT_TRUE(put(hostile));
  auto html = text_of(folder / "status.html");
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(html, Not(HasSubstr("<script>")));
  EXPECT_THAT(html, Not(HasSubstr("\x1b")));
}

TEST(StatusPage, WhatIsSomebodyElsesStays) {
  Scratch folder;
  std::ofstream(folder / "status.json") << "{\"mine\": true}";
  auto done = put(entry(folder, 1));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::refused);
  EXPECT_EQ(text_of(folder / "status.json"), "{\"mine\": true}");
  auto page = entry(folder, 1);
  page.file = folder / "index";
  std::ofstream(folder / "index.html") << "<b>mine</b>";
  EXPECT_EQ(put(page).error().code, Code::refused);
  EXPECT_EQ(text_of(folder / "index.html"), "<b>mine</b>");
  page.file = folder / "led";
  std::filesystem::create_symlink(folder / "index.html", folder / "led.html");
  EXPECT_EQ(put(page).error().code, Code::refused) << "nor is a link followed, or replaced";
}

TEST(StatusPage, WhatOthersWroteBetweenDoesNoHarm) {
  Scratch folder;
  std::ofstream(folder / "status.json") << "{\"notices\":[" << std::string(1 << 20, '[') << std::string(1 << 20, ']')
                                        << ",7,{\"id\":5,\"more\":{\"a\":1}}]}";
  ASSERT_TRUE(put(entry(folder, 1)));
  auto json = nlohmann::json::parse(text_of(folder / "status.json"));
  EXPECT_EQ(json["notices"][0]["id"], "r1.1");
  EXPECT_FALSE(text_of(folder / "status.json").contains("more"));
  std::ofstream(folder / "victim") << "precious";
  std::filesystem::create_symlink(folder / "victim", folder / "led.lock");
  auto led = entry(folder, 1);
  led.file = folder / "led";
  EXPECT_FALSE(put(led));
  std::filesystem::create_hard_link(folder / "victim", folder / "hard.lock");
  led.file = folder / "hard";
  EXPECT_FALSE(put(led));
  EXPECT_EQ(text_of(folder / "victim"), "precious");
}

TEST(StatusPage, KeepsTheLastFifty) {
  Scratch folder;
  for (int n = 0; n < 60; ++n) ASSERT_TRUE(put(entry(folder, n)));
  auto json = nlohmann::json::parse(text_of(folder / "status.json"));
  ASSERT_EQ(json["notices"].size(), 50u);
  EXPECT_EQ(json["notices"][49]["id"], "r1.10");
}

TEST(StatusPage, OfTwoWhoWriteAtOnceBothAreThere) {
  Scratch folder;
  std::vector<std::thread> writers;
  for (int n = 0; n < 8; ++n) writers.emplace_back([&, n] { EXPECT_TRUE(put(entry(folder, n))); });
  for (auto& one : writers) one.join();
  EXPECT_EQ(nlohmann::json::parse(text_of(folder / "status.json"))["notices"].size(), 8u);
}

}  // namespace
}  // namespace davy::io
