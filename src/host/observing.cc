#include "host/observing.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <filesystem>

namespace davy::host {
namespace {

using See = std::function<asio::awaitable<bool>(judge::Window, ports::Outside&)>;
using Tell = std::function<void(const std::string&, const std::string&)>;

asio::awaitable<void> watch(Outfit& o, engine::Nursery& nursery, const See& see, const Tell& tell, Result<>& out) {
  o.signals->begin(nursery);
  std::map<std::string, std::string> told;
  for (;;) {
    auto window = co_await o.signals->next();
    for (auto& [signal, format] : o.signals->formats())
      if (std::exchange(told[signal], format) != format) tell(signal, format);
    if (!window && window.error().code != Code::cancelled) out = std::unexpected(window.error());
    if (!window || !co_await see(std::move(*window), o.outside)) break;
  }
  co_await nursery.close();
  o.context.stop();
}

}  // namespace

Result<> observe(const StateDir& dir, const run::Runbook& book, const See& see, const Tell& tell,
                 std::stop_token stop) {
  static std::atomic<int> others = 0;  // in this process
  auto name = fmt::format("observe-{}-{}", ::getpid(), ++others);
  Outfit outfit(dir, dir.spool(name));
  if (auto taken = io::take_secrets(outfit.secrets, book); !taken) return taken;
  if (auto made = outfit.make(book, name); !made) return made;
  Result<> out;
  {
    engine::Nursery nursery(outfit.context.get_executor());
    std::stop_callback stops(stop, [&] { asio::post(outfit.context, [&] { outfit.context.stop(); }); });
    asio::co_spawn(outfit.context, watch(outfit, nursery, see, tell, out), [](std::exception_ptr e) {
      if (e) std::rethrow_exception(e);
    });
    outfit.context.run();
  }
  std::error_code gone;
  std::filesystem::remove_all(dir.spool(name), gone);
  return out;
}

}  // namespace davy::host
