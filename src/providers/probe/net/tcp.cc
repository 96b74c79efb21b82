#include "providers/probe/net/tcp.h"

#include <fmt/format.h>

#include "base/text.h"

namespace davy::providers {
namespace {

constexpr std::size_t kMostTurns = 32, kShown = 200;

// The end of what was heard: what came instead of what was awaited.
std::string last_words(const std::string& heard) {
  auto text = trimmed(std::string_view(heard));
  return printable(text.substr(text.size() > kShown ? text.size() - kShown : 0));
}

ports::Observation connected(const TcpProbe& o, const Result<>& done, Duration took) {
  return {.ok = done.has_value(),
          .unwell = {"value"},
          .says = done ? "answers in " + human(took) : o.address + ": " + done.error().message,
          .numbers = {{"time", seconds(took)}},
          .words = {{"value", done ? "open" : "closed"}}};
}

bool only_away(const Error& e) { return e.code == Code::unavailable || e.code == Code::timed_out; }

}  // namespace

bool fit_together(const TcpProbe& o, const spec::Value& v, spec::Diagnostics& d) {
  if (o.talk.size() > kMostTurns)
    return d.add(v.find("talk")->mark, fmt::format("{} turns", o.talk.size()), "at most 32"), false;
  for (auto& turn : o.talk)
    if (turn.say.empty() && turn.hear.empty())
      return d.add(v.find("talk")->mark, "a turn without a word", "`say`, `hear` or both"), false;
  return true;
}

std::vector<ports::Turn> turns(const TcpProbe& o) {
  std::vector<ports::Turn> out;
  for (auto& [say, hear] : o.talk) out.push_back({say.empty() || say.ends_with('\n') ? say : say + "\r\n", hear});
  return out;
}

ports::Observation observed(const TcpProbe& o, const ports::Dialogue& seen, Duration took) {
  auto last = seen.heard.empty() ? std::string() : last_words(seen.heard.back());
  auto turn = std::max<std::size_t>(seen.heard.size(), 1);
  ports::Observation out{.ok = seen.whole, .unwell = {"value"}, .numbers = {{"time", seconds(took)}}};
  out.words = {{"value", seen.whole ? "open" : "silent"}};
  std::string all;
  for (auto& one : seen.heard) all += one;
  std::erase(all, '\r');
  out.words["answer"] = printable(trimmed(all), true);
  out.numbers["turns"] = static_cast<double>(seen.heard.size() - (seen.whole || seen.heard.empty() ? 0 : 1));
  out.says = seen.whole ? fmt::format("said all that was awaited in {}: {}", human(took), last)
                        : fmt::format("turn {}: expected `{}`, heard {}", turn, printable(o.talk[turn - 1].hear),
                                      last.empty() ? "nothing" : "`" + last + "`");
  return out;
}

ports::Task<ports::Observation> perform(TcpProbe o, ports::Outside& out, ports::Asking who) {
  auto begin = out.clock.now();
  if (o.talk.empty()) {
    auto done = co_await out.dialer.connect(o.address, who.timeout);
    if (!done && !only_away(done.error())) co_return std::unexpected(done.error());
    co_return connected(o, done, out.clock.now() - begin);
  }
  auto seen = co_await out.dialer.talk(o.address, turns(o), who.timeout);
  auto took = out.clock.now() - begin;
  if (!seen && !only_away(seen.error())) co_return std::unexpected(seen.error());
  if (!seen) co_return connected(o, std::unexpected(seen.error()), took);
  co_return observed(o, *seen, took);
}

static void fit(const TcpProbe& o, spec::Findings& finds) {
  if (o.talk.empty()) std::erase_if(finds.all, [](auto& one) { return one.name == "answer" || one.name == "turns"; });
}

void add_tcp_probe(ports::Registry& r) {
  using spec::Unit;
  r.probe<TcpProbe>("tcp", "Connects to a port, and talks where there is a `talk`.",
                    "{ tcp: mail:25, talk: [{ hear: \"220 \" }, { say: QUIT, hear: \"221 \" }] }", perform,
                    {{"value", spec::kWord, "open or closed; silent where what was awaited did not come"},
                     {"answer", spec::kWord, "all that was heard"},
                     {"turns", Unit::none, "turns that went as they should"},
                     {"time", Unit::seconds, "until it was over"}},
                    fit);
}

}  // namespace davy::providers
