// What answers at the address where supervisord should be.
#include <cstdint>
#include <cstdlib>

#include "providers/platform/last_words.h"
#include "providers/platform/supervisor_text.h"

namespace {

using namespace davy;
using namespace davy::providers;

void require(bool held) {
  if (!held) std::abort();
}

void programs(const spec::Json& answer) {
  auto all = programs_of(answer);
  if (!all) return require(!all.error().message.empty());
  for (auto& p : *all) {
    require(p.pid >= 0 && p.since >= Duration{});
    for (char c : says(p)) require(static_cast<unsigned char>(c) >= ' ');
  }
  auto some = chosen(*all, "all");
  require(some.has_value() != all->empty());
  require(!chosen(*all, "no such: program"));
  auto priorities = priorities_of(answer);
  std::size_t ordered = 0;
  for (auto& level : in_order(*all, priorities.value_or(Priorities{}))) ordered += level.size();
  require(ordered == all->size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  for (char c : last_words(text)) require(static_cast<unsigned char>(c) >= ' ');
  auto answer = rpc_answer(text);
  if (!answer) return require(!answer.error().message.empty()), 0;
  if (!answer->fault) programs(answer->value);
  (void)spec::dump(answer->value);
  return 0;
}
