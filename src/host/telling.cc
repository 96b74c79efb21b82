#include "host/telling.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "base/text.h"
#include "io/posix/machine.h"
#include "io/posix/posix.h"

namespace davy::host {
namespace {

// A line for each notice that was given up, for `davy status`.
void keep_refused(const std::string& file, const std::string& id, const std::string& why) {
  io::Fd to(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!to || !io::write_all(to.get(), id + "\t" + printable(why) + "\n"))
    say_line(id + " could not be kept in " + file);
}

}  // namespace

void say_line(const std::string& text) {
  std::fprintf(stderr, "%s %s\n", timestamp(io::wall_time()).c_str(), printable(text).c_str());
}

RunSecrets::RunSecrets(const run::Runbook& book) : book_(book) {
  if (auto taken = take(); !taken) say_line(to_string(taken.error()));
}

void RunSecrets::renew() {
  if (!book_.setup.env_file.empty() || !book_.setup.secrets.empty()) (void)take();
}

std::string RunSecrets::masked(const std::string& text) const {
  std::vector<io::Masker::Secret> all;
  for (auto& [value, name] : known_) all.push_back({name, std::string(value.view())});
  io::Masker masker(all);
  for (auto& one : all) io::wipe(one.value);
  auto out = masker.pass(text);
  return out + masker.rest();
}

// What is there stays where they cannot be taken.
Result<> RunSecrets::take() {
  io::Secrets next;
  auto taken = io::take_secrets(next, book_);
  if (taken || known_.empty()) now_ = std::move(next);
  learn();
  return taken;
}

void RunSecrets::learn() {
  now_.for_each([&](auto& name, auto value) {
    if (std::ranges::none_of(known_, [&](auto& one) { return one.first.view() == value; }))
      known_.emplace_back(io::LockedText(value), name);
  });
}

Telling::Telling(const run::Runbook& book)
    : secrets(book),
      mail(secrets.now()),
      hooks(http, secrets.now()),
      sayings(book.secrets),
      directory(book.setup.directory) {
  http.know(secrets.now());
}

engine::NoticeWorld Telling::world(ports::Store& store, const StateDir& dir, const std::string& stream) {
  return {.clock = clock,
          .journal = store,
          .cursors = store,
          .ways = {mail, hooks, sayings, pages, directory, io::this_machine().host},
          .driven = [] { return true; },
          .moved = [] { return std::string(); },
          .masked = [this](const std::string& text) { return secrets.masked(text); },
          .failed = [this] { secrets.renew(); },
          .say = say_line,
          .gave_up = [file = dir.notices_refused(stream)](auto& id, auto& why) { keep_refused(file, id, why); },
          .http = &http};
}

}  // namespace davy::host
