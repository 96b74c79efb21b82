// What tells people things, made real: the ways to them, the secrets that these need, and what is kept out of texts.
#pragma once
#include "engine/notice/channel.h"
#include "host/state_dir.h"
#include "io/net/http.h"
#include "io/posix/clock.h"
#include "io/secrets/encodings.h"
#include "io/secrets/masker.h"
#include "io/secrets/sources.h"
#include "io/ways/hooks.h"
#include "io/ways/mail.h"
#include "io/ways/sayings.h"
#include "io/ways/status_page.h"
#include "run/runbook.h"

namespace davy::host {

// They belong to this run, and are taken where the plan has them; again whenever something failed, for what comes from
// elsewhere than the environment may be another by then. One that is missing is missing for its channel alone. What was
// a secret once is kept out of texts for good.
class RunSecrets {
 public:
  explicit RunSecrets(const run::Runbook&);
  const io::Secrets& now() const { return now_; }
  void renew();
  std::string masked(const std::string& text) const;

 private:
  Result<> take();
  void learn();

  run::Runbook book_;
  io::Secrets now_;
  std::vector<std::pair<io::LockedText, std::string>> known_;  // value and name
};

// One line on stderr, with its time.
void say_line(const std::string& text);

// All ways of one run's or one watch's book; for one thread.
struct Telling {
  explicit Telling(const run::Runbook&);

  // As this run or watch is told, `stream`; notices that were given up are kept in a file of its own. What else a world
  // knows, the caller fills in.
  engine::NoticeWorld world(ports::Store&, const StateDir&, const std::string& stream);

  io::Clock clock;
  RunSecrets secrets;
  io::Http http;
  io::Mail mail;
  io::Hooks hooks;
  io::Sayings sayings;
  io::StatusPages pages;
  std::string directory;
};

}  // namespace davy::host
