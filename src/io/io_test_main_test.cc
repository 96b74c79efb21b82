// io_test is also the program that its own tests start: as a keeper, and as a Davy that will be killed.
#include <gmock/gmock.h>
#include <unistd.h>

#include "io/io_testing.h"
#include "io/keeper/keeper.h"
#include "io/keeper/log_turner.h"

namespace {

using namespace davy::io;

// _exit: a keeper may not be traced, which the leak checker at exit would try.
int keeper_main(const std::vector<std::string>& words) {
  auto options = keeper_options(words);
  ::_exit(options ? keep(*options) : 2);
}

// client SPOOL INSTANCES KEY COMMAND: launches it and waits for the end, if it lives to see it.
int client_main(const std::vector<std::string>& words) {
  asio::io_context context;
  Secrets secrets;
  KeeperOptions options;
  options.spool = words.at(0);
  options.instances = words.at(1);
  KeeperClient client(context.get_executor(),
                      {options.spool, options.instances, {}, [&] { return start_keeper("/proc/self/exe", options); }},
                      secrets);
  auto end = Going(context, client.launch(words.at(2), World::sh(words.at(3)))).get();
  ::_exit(end && end->exit_code ? *end->exit_code : 99);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words(argv + std::min(argc, 2), argv + argc);
  if (argc > 1 && std::string_view(argv[1]) == "keep") return keeper_main(words);
  if (argc > 1 && std::string_view(argv[1]) == "turn-logs") ::_exit(turn_logs(words));
  if (argc > 1 && std::string_view(argv[1]) == "client") return client_main(words);
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
