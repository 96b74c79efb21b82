#include "io/guard/keeper_guard.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "io/posix/machine.h"
#include "io/posix/posix.h"

namespace davy::io {
namespace {

constexpr std::size_t kLargest = 8 * 1024 * 1024;
constexpr Duration kMuteAfter = std::chrono::seconds(5);  // an engine asks every second whether the way back was taken

Error not_told() { return {Code::conflict, "the keeper has moved users back, and no engine has heard of it yet"}; }

}  // namespace

KeptGuard::Held::~Held() {
  moves.clear();
  wipe(secrets);
}

KeptGuard::KeptGuard(PollLoop& loop, Spool spool, Duration patience, PlanFolder folder, Say say, PollLoop::Action mute,
                     PollLoop::Action begins)
    : loop_(loop),
      spool_(std::move(spool)),
      patience_(patience),
      folder_(std::move(folder)),
      say_(std::move(say)),
      mute_(std::move(mute)),
      begins_(std::move(begins)) {}

KeptGuard::~KeptGuard() = default;

std::shared_ptr<KeptGuard::Held> KeptGuard::hold(ports::WayBack way, SecretValues secrets) {
  auto held = std::make_shared<Held>(std::move(way), std::move(secrets));
  for (const auto& move : held->way.moves)
    held->moves.push_back(std::make_unique<KeptMove>(loop_, move, held->secrets, folder_, [this] { look_again(); }));
  return held;
}

// A way back that was being taken goes on at once; one that was only armed gets its patience anew.
void KeptGuard::begin() {
  if (auto taking = read_taking(spool_); taking && *taking) taking_ = std::move(**taking);
  auto text = read_file(spool_.file("armed"), kLargest);
  if (!text) return;
  auto way = way_back_from_json(*text);
  if (!way) return say_("the way back that the keeper before this one had armed cannot be read");
  held_ = hold(std::move(*way), {});
  for (const auto& move : held_->moves) {
    say_("the keeper before this one had armed: " + move->what());
    if (!move->has_secrets()) say_(move->what() + ": its secrets are gone until Davy arms it anew");
    if (taking_ && std::ranges::count(taking_->done, move->what()) > 0) move->is_done();
  }
  taking_ ? take() : count_down(boot_time());
}

// Whoever asked before gets the answer of the newest: it holds all moves of the run, too.
void KeptGuard::arm(const ports::WayBack& way, const SecretValues& secrets, Answer answer) {
  heard_ = true;
  auto answers = arming_ ? std::move(arming_->answers) : std::vector<Answer>();
  answers.push_back(std::move(answer));
  arming_ = std::make_unique<Arming>(hold(way, secrets), std::move(answers), way.moves.size());
  for (auto& move : arming_->held->moves) look_at(*move);
  look_again();
}

void KeptGuard::look_at(KeptMove& move) {
  move.find_working(arming_->held->way.rehearse, [this, what = move.what()](Result<> good) {
    --arming_->open;
    if (!good) good.error().message = what + ": " + good.error().message;
    if (!good && arming_->found) arming_->found = std::move(good);
    look_again();
  });
}

void KeptGuard::armed() {
  auto arming = std::shared_ptr<Arming>(std::exchange(arming_, nullptr));
  auto say = [arming](const Reply& reply) {
    for (auto& answer : arming->answers) answer(reply);
  };
  if (!arming->found) return say(arming->found.error());
  when_quiet([this, arming, say] {
    if (untold()) return say(not_told());
    install(arming->held);
    say(Agreed{});
  });
}

// It is armed also when the disk is full: then it is this keeper's life that it depends on.
// To be armed anew is no sign of life: an engine that is started again and again and never judges gains no time.
void KeptGuard::install(const std::shared_ptr<Held>& held) {
  auto since = held_ && !taking_ ? judged_at_ : boot_time();
  forget();
  if (held->moves.empty()) return;
  held_ = held;
  write("armed", to_json(held_->way));
  count_down(since);
}

Duration KeptGuard::patience() const { return patience_ > Duration::zero() ? patience_ : held_->way.patience; }

void KeptGuard::count_down(Duration since) {
  loop_.cancel(countdown_);
  judged_at_ = since;
  countdown_ = loop_.after(std::max(Duration::zero(), since + patience() - boot_time()), [this] { take(); });
}

// An engine that says nothing even now stands still for ever: somebody has to take its place.
void KeptGuard::listen_for_engine() {
  heard_ = false;
  loop_.cancel(listening_);
  listening_ = loop_.after(std::min<Duration>(kMuteAfter, patience()), [this] {
    if (!heard_) mute_();
  });
}

// A judge that lives again before anybody was moved is in time.
void KeptGuard::judged(Answer answer) {
  heard_ = true;
  auto alive = [this, answer = std::move(answer)] {
    if (held_ && !(taking_ && taking_->at)) {
      if (taking_) forget_taking();
      count_down(boot_time());
    }
    bool whole = !held_ || std::ranges::all_of(held_->moves, [](const auto& move) { return move->has_secrets(); });
    answer(whole ? Reply(Agreed{}) : Reply(SecretsWanted{}));
  };
  taking_ && taking_->at ? alive() : when_quiet(std::move(alive));
}

void KeptGuard::disarm(Answer answer) {
  heard_ = true;
  if (auto arming = std::exchange(arming_, nullptr))
    for (auto& asked : arming->answers) asked(Error{Code::conflict, "the guard was disarmed meanwhile"});
  when_quiet([this, answer = std::move(answer)] {
    if (untold()) return answer(not_told());
    forget();
    answer(Agreed{});
  });
}

void KeptGuard::taken(const Answer& answer) {
  heard_ = true;
  if (!taking_ || !taking_->at) return answer(NothingTaken{});
  answer(ports::Guard::Taken{*taking_->at, taking_->done, taking_->open});
  if (!std::exchange(taking_->told, true)) write("way-back", to_json(*taking_));
}

void KeptGuard::take() {
  loop_.cancel(countdown_);
  reserve_.give_up();
  if (!taking_) {
    say_("no judge for too long: taking the way back");
    taking_ = Taking{.since = wall_time()};
    begins_();
    listen_for_engine();
  }
  for (auto& move : held_->moves) move->take();
  look_again();
}

void KeptGuard::look_again() {
  loop_.cancel(looking_);
  looking_ = loop_.after(Duration::zero(), [this] { look(); });
}

void KeptGuard::look() {
  looking_ = {};
  if (arming_ && arming_->open == 0) armed();
  if (taking_on()) note_progress();
  settle();
}

void KeptGuard::note_progress() {
  auto before = std::exchange(taking_->open, {});
  taking_->done.clear();
  for (const auto& move : held_->moves) {
    if (!taking_->at && (move->touched() || move->done())) taking_->at = wall_time();
    if (move->done())
      taking_->done.push_back(move->what());
    else
      taking_->open.push_back({move->what(), move->why()});
    bool known =
        std::ranges::any_of(before, [&](const auto& b) { return b.what == move->what() && b.why == move->why(); });
    if (move->done() || known) continue;
    say_(fmt::format("{}: {}", move->what(), move->why()));
    if (!move->answered().empty()) say_(fmt::format("{}: {}", move->what(), move->answered()));
  }
  write("way-back", to_json(*taking_));
  if (!taking_->open.empty()) return;
  say_("the way back was taken: every proof holds");
  held_.reset();
  ::unlink(spool_.file("armed").c_str());
}

void KeptGuard::when_quiet(PollLoop::Action action) {
  if (!taking_on()) return action();
  for (auto& move : held_->moves) move->rest();
  waiting_.push_back(std::move(action));
  look_again();
}

void KeptGuard::settle() {
  if (waiting_.empty()) return;
  if (held_ && std::ranges::any_of(held_->moves, [](const auto& move) { return move->busy(); })) return;
  for (auto& action : std::exchange(waiting_, {})) action();
  if (taking_on()) take();
}

void KeptGuard::forget_taking() {
  taking_.reset();
  reserve_.hold();
  ::unlink(spool_.file("way-back").c_str());
}

void KeptGuard::forget() {
  forget_taking();
  held_.reset();
  loop_.cancel(countdown_);
  ::unlink(spool_.file("armed").c_str());
}

void KeptGuard::write(const std::string& name, const std::string& text) {
  if (auto kept = replace_file(spool_.file(name), text, 0600, Sync::no); !kept)
    say_(fmt::format("{} is not on disk: {}", name, kept.error().message));
}

}  // namespace davy::io
