// A program that is no command line drives runs of two plans, from one process: by the verbs of this folder alone.
//
// It is also the program that its own tests start: as a keeper, and as the engine of a run.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "control/begin.h"
#include "control/look.h"
#include "control/steer.h"
#include "host/engine_process.h"
#include "io/keeper/keeper.h"
#include "io/keeper/log_turner.h"
#include "store/memory/memory.h"

namespace davy::control {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

// All that it names is named from where it stands: the program, the file of secrets.
constexpr const char* kPlan = R"(davy: 1
services:
  shop: { command: ./svc start, stop: ./svc stop, status: ./svc status, up-within: 5s }
environments: { production: { env-file: secrets.env } }
secrets: [TOKEN]
rollout:
  - approve: owner
  - restart
)";
constexpr const char* kService = R"(#!/bin/sh
case $1 in
  start) echo "$version $TOKEN" >running ;;
  stop) rm -f running ;;
  status) grep -q "^$version " running ;;
esac
)";

class Place {
 public:
  explicit Place(const std::string& name)
      : root_(fs::temp_directory_path() / fmt::format("davy-{}-{}", name, ::getpid())) {
    fs::create_directories(root_);
    write("davy.yaml", kPlan, 0644);
    write("svc", kService, 0755);
    write("secrets.env", "TOKEN=of-" + name + "\n", 0600);
  }
  ~Place() {
    std::error_code used;  // by a keeper that lingers
    fs::remove_all(root_, used);
  }

  Runs runs() const { return Runs({root_ / "state"}); }
  PlanFile plan() const {
    auto file = (root_ / "davy.yaml").string();
    auto read = read_plan(file, text_of_plan(file, file).value());
    EXPECT_TRUE(read.mistakes.empty());
    return read.plan;
  }
  std::string running() const {
    std::ifstream in(root_ / "running");
    std::string line;
    return std::getline(in, line) ? line : "";
  }

 private:
  void write(const std::string& name, const std::string& text, mode_t mode) const {
    std::ofstream(root_ / name) << text;
    ::chmod((root_ / name).c_str(), mode);
  }
  fs::path root_;
};

Wish version(const std::string& v) {
  return {.version = v, .environment = "production", .who = {.who = "ann", .via = "a test"}};
}

void nothing_to_note(const std::string& note) { ADD_FAILURE() << note; }

// Waits until a look at the run shows it.
Standing seen(Runs& runs, const std::string& run, const std::function<bool(const Standing&)>& is_so) {
  for (auto until = runs.now() + 60s;; std::this_thread::sleep_for(50ms)) {
    auto standing = look(runs, runs.find(run).value());
    if (!standing) return ADD_FAILURE() << to_string(standing.error()), Standing{};
    if (is_so(*standing)) return std::move(*standing);
    if (runs.now() > until) return ADD_FAILURE() << standing->view.question_or_sentence, std::move(*standing);
  }
}

bool waits(const Standing& s) { return !s.view.waits.empty(); }
bool over(const Standing& s) { return s.view.ended.has_value(); }

TEST(SecondCaller, DrivesRunsOfTwoPlansFromOneProcess) {
  Place one("one"), two("two");
  auto here = fs::current_path();
  auto first = one.runs(), second = two.runs();

  auto drafted = draft(first, one.plan(), version("1"));
  ASSERT_TRUE(drafted) << to_string(drafted.error());
  EXPECT_EQ(drafted->book.subjects.front().candidate.version, "1");
  EXPECT_TRUE(first.list({})->empty()) << "a draft begins nothing";

  auto a = begin(first, one.plan(), version("1"), nothing_to_note);
  auto b = begin(second, two.plan(), version("7"), nothing_to_note);
  ASSERT_TRUE(a && b) << to_string(a ? b.error() : a.error());
  ASSERT_EQ(a->how, Begun::How::goes_on) << to_string(a->why);
  ASSERT_EQ(b->how, Begun::How::goes_on) << to_string(b->why);
  EXPECT_EQ(fs::current_path(), here);

  EXPECT_TRUE(seen(first, a->run, waits).life.driven());
  seen(second, b->run, waits);
  EXPECT_EQ(one.running() + two.running(), "") << "both wait for their owner";

  auto answered =
      steer(second, b->run, {.what = "approve", .about = "owner", .who = {.who = "bob", .roles = {"owner"}}});
  ASSERT_TRUE(answered) << to_string(answered.error());
  EXPECT_FALSE(answered->in_vain) << answered->answer;
  EXPECT_EQ(seen(second, b->run, over).view.ending, run::Ending::done);
  EXPECT_EQ(two.running(), "7 of-two");
  EXPECT_EQ(one.running(), "") << "nobody answered that one";

  ASSERT_TRUE(steer(first, a->run, {.what = "approve", .about = "owner", .who = {.who = "bob", .roles = {"owner"}}}));
  EXPECT_EQ(seen(first, a->run, over).view.ending, run::Ending::done);
  EXPECT_EQ(one.running(), "1 of-one");
}

TEST(SecondCaller, IsToldWhatIsInTheWay) {
  Place place("busy");
  auto runs = place.runs();
  auto begun = begin(runs, place.plan(), version("1"), nothing_to_note);
  ASSERT_TRUE(begun) << to_string(begun.error());
  auto again = begin(runs, place.plan(), version("2"), nothing_to_note);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::refused);
  EXPECT_THAT(again.error().message, HasSubstr(begun->run));

  auto ended = steer(runs, begun->run, {.what = "rollback", .note = "enough", .who = {.who = "ann"}});
  ASSERT_TRUE(ended) << to_string(ended.error());
  seen(runs, begun->run, over);
  auto late = steer(runs, begun->run, {.what = "hold", .who = {.who = "ann"}});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::refused);
}

TEST(SecondCaller, MayBringAStoreOfItsOwn) {
  Place place("memory");
  Runs runs({"/nowhere/at/all"}, std::make_unique<store::Memory>());
  EXPECT_TRUE(runs.list({})->empty());
  auto drafted = draft(runs, place.plan(), version("1"));
  ASSERT_TRUE(drafted) << to_string(drafted.error());
  EXPECT_FALSE(fs::exists("/nowhere"));
}

}  // namespace
}  // namespace davy::control

// _exit: a keeper may not be traced, which the leak checker at exit would try.
int main(int argc, char** argv) {
  std::vector<std::string> words(argv + std::min(argc, 2), argv + argc);
  std::string verb = argc > 1 ? argv[1] : "";
  if (verb == "keep") {
    auto options = davy::io::keeper_options(words);
    ::_exit(options ? davy::io::keep(*options) : 2);
  }
  if (verb == "turn-logs") ::_exit(davy::io::turn_logs(words));
  if (verb == "engine") ::_exit(davy::host::engine_process({words.at(2)}, words.at(0)));  // RUN --state DIR
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
