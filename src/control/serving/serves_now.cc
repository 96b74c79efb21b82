#include "control/serving/serves_now.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "host/looking.h"
#include "view/words.h"

namespace davy::control {
namespace {

using namespace std::chrono_literals;
constexpr Duration kWithin = 2s;

struct Row {  // of a router's table
  std::string release, state, address;
  int weight = 0;
  bool up = false;
};

std::vector<ServingPart> parts_of(const run::Subject& subject) {
  std::vector<ServingPart> out;
  for (auto* release : {&subject.previous, &subject.candidate})
    if (!release->none()) out.push_back({.version = release->version, .release = release->id});
  return out;
}

void count(ServesNow& out, const std::vector<Row>& rows) {
  int all = 0;
  for (auto& row : rows)
    if (row.up && row.state == "ready") all += row.weight;
  for (auto& row : rows) {
    auto share = row.up && row.state == "ready" && all > 0 ? static_cast<double>(row.weight) / all : 0;
    auto part = std::ranges::find(out.parts, row.release, &ServingPart::release);
    if (part != out.parts.end()) {
      ++part->servers, part->up += row.up, part->maint += row.state == "maint", part->share += share;
    } else if (share > 0) {
      out.strangers += share;
      out.addresses.push_back(row.address);
    }
  }
}

// What the newest step on this service's router left, as it found it.
void from_the_record(ServesNow& out, const run::Runbook& book, const std::vector<view::TimedEvent>& events) {
  std::map<run::AttemptId, run::StepIx> steps;
  for (auto& e : events) {
    if (auto began = std::get_if<run::AttemptStarted>(&e.event)) steps[began->id] = began->step;
    auto ended = std::get_if<run::AttemptEnded>(&e.event);
    if (!ended || !steps.contains(ended->id)) continue;
    auto& step = book.steps[static_cast<std::size_t>(steps[ended->id])];
    auto json = spec::to_json(ended->evidence);
    bool table = step.subject != run::kNone && json.is_array() && !json.empty() && json.front().contains("weight");
    if (!table || book.subjects[static_cast<std::size_t>(step.subject)].service != out.service) continue;
    std::vector<Row> rows;
    for (auto& one : json)
      rows.push_back({one.value("release", ""), one.value("state", ""), one.value("address", ""),
                      one.value("weight", 0), one.value("up", false)});
    for (auto& part : out.parts) part = {.version = part.version, .release = part.release};
    out.strangers = 0, out.addresses.clear();
    count(out, rows);
    out.at = e.at, out.routed = true;
  }
}

// As a platform gives them out itself. By its version alone it is the previous release, where one is shipped once more.
void take(ServesNow& out, const ports::Share& share) {
  auto part = std::ranges::find(out.parts, share.name, &ServingPart::release);
  if (part == out.parts.end()) part = std::ranges::find(out.parts, share.name, &ServingPart::version);
  if (part == out.parts.end()) return void((out.strangers += share.of.value, out.addresses.push_back(share.name)));
  part->shared_out = true, part->share += share.of.value;
  if (part->instances == 0) ++part->instances, ++part->alive;
}

void from_the_world(ServesNow& out, const host::ServiceSeen& seen, Time at) {
  if (!seen.instances) return void(out.error = to_string(seen.instances.error()));
  for (auto& e : *seen.instances)
    if (auto part = std::ranges::find(out.parts, e.release, &ServingPart::release); part != out.parts.end())
      ++part->instances, part->alive += e.alive;
  for (auto& part : out.parts) part.counted = true;
  for (auto& share : seen.shares) take(out, share);
  out.at = at, out.asked = true;
  if (!seen.routed) return;
  if (!seen.served) return void(out.error = to_string(seen.served.error()));
  std::vector<Row> rows;
  for (auto& s : *seen.served) rows.push_back({s.release, s.state, s.address, s.weight, s.up});
  count(out, rows);
  out.routed = true;
}

// What a platform says of one release it says of the other: it has one place for both, and does not know whose code
// runs there.
bool one_place(const host::ServiceSeen& seen, const run::Subject& subject) {
  if (!seen.instances || subject.previous.none()) return false;
  std::vector<std::string> candidate, previous;
  for (auto& e : *seen.instances)
    (e.release == subject.candidate.id ? candidate : previous).push_back(e.address + " " + e.says);
  return !candidate.empty() && candidate == previous;
}

// Then the record tells: whoever was started last.
void only_who_was_started(ServesNow& out, const run::Runbook& book, std::int32_t subject,
                          const std::vector<view::TimedEvent>& events) {
  out.by_record = true;
  run::State s;
  for (auto& e : events) run::fold(s, e.event, e.at);
  bool started = false;
  for (run::StepIx i = 0; i < s.count(); ++i) {
    auto& step = s.step(i);
    if (step.subject == subject && step.side == run::Side::candidate && step.call.port == "platform" &&
        step.call.operation == "start")
      started |= s.at(i).applied && !s.at(i).undone;
  }
  auto& about = book.subjects[static_cast<std::size_t>(subject)];
  auto& gone = started ? about.previous.id : about.candidate.id;
  for (auto& part : out.parts)
    if (part.release == gone) part.instances = part.alive = 0;
}

bool shared_out(const ServesNow& s) { return std::ranges::any_of(s.parts, &ServingPart::shared_out); }

std::string in_words(const ServesNow& s, const ServingPart& part) {
  auto out = part.version;
  bool at_rest = part.servers > 0 && part.maint == part.servers;
  if (s.routed)
    out += fmt::format(" {} of the users, {} of {} servers {}", view::percent(part.share),
                       at_rest ? part.maint : part.up, part.servers, at_rest ? "in maint" : "up");
  if (part.shared_out) return out + fmt::format(" {} of the users", view::percent(part.share));
  if (part.counted) out += fmt::format("{} {} of {} instances alive", s.routed ? "," : "", part.alive, part.instances);
  return out;
}

// Of what is gone there is nothing to say.
std::string whoever(const ServesNow& s) {
  std::vector<std::string> out;
  for (auto& part : s.parts)
    if (part.share > 0 || part.servers > 0 || part.instances > 0) out.push_back(in_words(s, part));
  if (s.strangers > 0)
    out.push_back(fmt::format("{} of the users on {}", view::percent(s.strangers), joined(s.addresses, ", ")));
  return out.empty() ? "nobody" : joined(out, "; ");
}

}  // namespace

std::vector<ServesNow> serves_now(Runs& runs, const run::Runbook& book, const std::vector<view::TimedEvent>& events,
                                  bool driven) {
  auto seen = host::look_around(runs.dir(), book, kWithin, !driven);
  std::vector<ServesNow> out;
  for (std::size_t i = 0; i < book.subjects.size(); ++i) {
    ServesNow one{.service = book.subjects[i].service, .parts = parts_of(book.subjects[i])};
    auto setup = book.setup.service(one.service);
    from_the_world(one, seen.services[i], seen.at);
    if (one_place(seen.services[i], book.subjects[i]))
      only_who_was_started(one, book, static_cast<std::int32_t>(i), events);
    if (setup && setup->router && !one.routed && one.error.empty()) from_the_record(one, book, events);
    out.push_back(std::move(one));
  }
  return out;
}

std::vector<std::string> strangers(const std::vector<ServesNow>& all) {
  std::vector<std::string> out;
  for (auto& one : all)
    if (one.strangers > 0)
      out.push_back(fmt::format("{} of the users of {} are on {}, of no release that this run knows",
                                view::percent(one.strangers), one.service, joined(one.addresses, ", ")));
  return out;
}

// The platform knows of a death before the router's health checks do.
bool serves(const ServesNow& s, const ServingPart& part) {
  bool dead = part.counted && part.instances > 0 && part.alive == 0;
  return s.routed ? part.share > 0 && !dead : part.alive > 0;
}

bool nobody_serves(const ServesNow& s) {
  if (!s.asked || !s.error.empty() || s.strangers > 0 || s.parts.empty()) return false;
  return std::ranges::none_of(s.parts, [&](auto& part) { return serves(s, part); });
}

std::vector<std::string> outages(const std::vector<ServesNow>& all) {
  std::vector<std::string> out;
  for (auto& one : all) {
    if (!one.missed) continue;
    bool none_up = one.routed && std::ranges::all_of(one.parts, [](auto& part) { return part.up == 0; });
    out.push_back(fmt::format("nobody serves {}: {}{}", one.service,
                              none_up ? "the router finds no server of it up" : "no instance of it lives",
                              one.way_out.empty() ? "" : ": " + one.way_out));
  }
  return out;
}

void correct_shares(view::RunView& view, const std::vector<ServesNow>& all) {
  auto shares = view.shares;
  for (auto& one : all) {
    auto share = std::ranges::find(shares, one.service, &view::Share::service);
    if (share == shares.end() || !one.asked || !(one.routed || shared_out(one)) || !one.error.empty()) continue;
    auto subject = std::ranges::find(view.subjects, one.service, &run::Subject::service);
    auto of = [&](const run::Release& release) {
      auto part = std::ranges::find(one.parts, release.id, &ServingPart::release);
      return part == one.parts.end() ? 0 : part->share;
    };
    share->candidate = of(subject->candidate), share->previous = of(subject->previous);
  }
  view::tell_shares(view, std::move(shares));
}

std::vector<std::string> in_words(const std::vector<ServesNow>& all, Time now) {
  std::vector<std::string> out;
  for (auto& one : all) {
    if (!one.error.empty()) {
      out.push_back(fmt::format("{}: what serves now cannot be told: {}", one.service, one.error));
      continue;
    }
    if (!one.at) continue;
    auto age = now - *one.at;
    out.push_back(fmt::format("{} now: {}{} ({}{}looked {})", one.service,
                              one.closed ? "users see the maintenance page; behind it: " : "", whoever(one),
                              one.by.empty() ? "" : "run " + one.by + "; ",
                              one.by_record ? "which version by the record; " : "",
                              age < kWithin ? "just now" : fmt::format("{} ago", human(age))));
  }
  return out;
}

spec::Json to_json(const std::vector<ServesNow>& all) {
  auto out = spec::Json::array();
  for (auto& one : all) {
    auto parts = spec::Json::array();
    for (auto& p : one.parts) {
      parts.push_back({{"version", p.version}, {"release", p.release}});
      if (one.routed)
        parts.back().update({{"share", p.share}, {"up", p.up}, {"maint", p.maint}, {"servers", p.servers}});
      if (p.shared_out) parts.back()["share"] = p.share;
      if (p.counted && !p.shared_out) parts.back().update({{"alive", p.alive}, {"instances", p.instances}});
    }
    out.push_back({{"service", one.service},
                   {"looked_at", one.at ? spec::Json(timestamp(*one.at)) : spec::Json(nullptr)},
                   {"asked", one.asked},
                   {"releases", parts}});
    if (!one.by.empty()) out.back()["run"] = one.by;
    if (one.by_record) out.back()["version_by_record"] = true;
    if (one.strangers > 0) out.back()["strangers"] = {{"share", one.strangers}, {"addresses", one.addresses}};
    if (!one.error.empty()) out.back()["error"] = one.error;
  }
  return out;
}

}  // namespace davy::control
