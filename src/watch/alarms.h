// When rules begin to hold between runs, and when that is over: `for` as Prometheus has it. Nothing here is durable:
// what fires is in the watch's journal, and what was about to fire begins anew after a restart.
#pragma once
#include <set>

#include "watch/event.h"

namespace davy::watch {

// What a rule was found to be now: it holds, it does not, or nobody can tell (nothing): since too few came by, or since
// what was to be read was not there.
struct RuleSeen {
  std::optional<bool> holds;
  bool quiet = false;
  std::string says;
};

class Alarms {
 public:
  // Of the rules those that compare with nothing and decide something; `firing`: what the journal has.
  Alarms(const std::vector<run::Rule>&, const std::set<std::string>& firing);

  const std::vector<run::Rule>& rules() const { return rules_; }

  // What changed. That too few came by ends no alarm, and blinds nobody.
  std::vector<Alarm> see(std::size_t rule, const RuleSeen&, Time now);

  // So long nobody could tell: then it is told, and later somebody is called.
  static constexpr Duration kBlindWarns = std::chrono::minutes(10), kBlindPages = std::chrono::hours(1);

 private:
  struct One {
    std::optional<Time> pending, blind;
    bool fires = false, warned = false, paged = false;
    bool confirmed = true;  // what rang before somebody kept this watch is said once more where it still holds
  };
  void tell(std::vector<Alarm>&, std::size_t rule, bool holds, const std::string& says);
  void see_blindness(std::vector<Alarm>&, std::size_t rule, bool blind, const std::string& says, Time now);

  std::vector<run::Rule> rules_;
  std::vector<One> all_;
};

}  // namespace davy::watch
