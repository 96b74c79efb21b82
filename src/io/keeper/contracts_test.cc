// The keeper keeps what every Process and every Guard does.
#include "io/io_testing.h"
#include "ports/testing/guard_contract.h"
#include "ports/testing/process_contract.h"

namespace davy::io {
namespace {

struct ProcessWorld : World {
  ports::Process& process() { return *client; }
  ports::CommandSpec act() const { return sh("echo done > " + (scratch / "done")); }
  ports::CommandSpec look() const { return sh("ls " + scratch.path()); }
  bool done() const { return std::filesystem::exists(scratch / "done"); }
  void undo() const { std::filesystem::remove(scratch / "done"); }
  void begin(const std::string& key) {
    launched.push_back(going(client->launch(key, sh("exec sleep 3600", 2h))));
    EXPECT_TRUE(eventually([&] { return context.restart(), context.poll(), begun(key) > 0; }));
  }
  bool runs(const std::string& key) const { return ::kill(begun(key), 0) == 0; }
  std::vector<Going<ports::CommandEnd>> launched;
  int folders() const {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(options.spool)) count += entry.is_directory();
    return count;
  }
};

struct GuardWorld : World {
  GuardWorld() {
    options.patience = 300ms;
    connect();
  }
  ports::Guard& guard() { return *client; }
  ports::Act shell(const std::string& text) const { return {.argv = {"/bin/sh", "-c", text}}; }
  ports::Move good() const {
    return {.what = "good",
            .acts = {shell("echo home > " + (scratch / "moved"))},
            .proof = shell("cat " + (scratch / "moved") + " || true"),
            .expect = {"^home$"}};
  }
  ports::Move broken() const {
    return {.what = "broken",
            .acts = {{.address = scratch / "nobody", .text = "all home"}},
            .proof = {.address = scratch / "nobody", .text = "who"},
            .expect = {"^home$"}};
  }
  bool moved() const { return std::filesystem::exists(scratch / "moved"); }
  void pass_a_quarter_of_patience() const { std::this_thread::sleep_for(options.patience / 4); }
  // What it began is over when nothing is armed any more; where nothing is, twice its patience is enough.
  void pass_patience() const {
    std::this_thread::sleep_for(2 * options.patience);
    EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(spool("armed")); }));
  }
};

}  // namespace
}  // namespace davy::io

namespace davy::ports::testing {

INSTANTIATE_TYPED_TEST_SUITE_P(Keeper, ProcessContract, io::ProcessWorld);
INSTANTIATE_TYPED_TEST_SUITE_P(Keeper, GuardContract, io::GuardWorld);

}  // namespace davy::ports::testing
