#include "view/checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "view/ink.h"

namespace davy::view {
namespace {

constexpr std::string_view kRoot = "rollout/check/";  // the same for all, so it says nothing here
constexpr std::size_t kNamed = 3;                     // running items that a line of progress names

std::string text_in(const spec::Value& map, std::string_view key) {
  auto found = map.find(key);
  return found && found->text() ? *found->text() : "";
}

CheckItem item_of(const run::Step& step) {
  auto path = check_path(step.path);
  // A title may hold a slash itself; a group's name does not.
  auto slash = path.find('/');
  if (slash == path.npos) return {.group = "", .title = path};
  return {.group = path.substr(0, slash), .title = path.substr(slash + 1)};
}

// Without `check` in its evidence what failed could not be asked at all.
CheckState state_of(run::Outcome outcome, const std::string& said) {
  if (outcome == run::Outcome::ok) return said == "degraded" ? CheckState::degraded : CheckState::ok;
  return said == "failed" ? CheckState::failed : CheckState::blind;
}

void take_end(CheckItem& item, const run::AttemptEnded& e) {
  auto check = e.evidence.find("check");
  auto of = check ? *check : spec::Value{};
  item.state = state_of(e.outcome, text_in(of, "state"));
  item.says = e.says.empty() ? spec::encode(e.outcome).get<std::string>() : e.says;
  item.expected = text_in(of, "expected"), item.found = text_in(of, "found");
  item.raw = text_in(of, "raw"), item.to_do = text_in(of, "do");
}

Style style_of(CheckState s) {
  switch (s) {
    case CheckState::ok:
      return Style::good;
    case CheckState::failed:
    case CheckState::blind:
      return Style::bad;
    case CheckState::running:
      return Style::busy;
    case CheckState::waiting:
    case CheckState::elsewhere:
      return Style::dim;
    default:
      return Style::warn;
  }
}

// `free is 8.2 GB` says what was found, unless the raw value says more.
std::string found_in_words(const CheckItem& item) {
  if (item.raw.empty() || item.raw == item.found) return item.found;
  return fmt::format("{}  (raw: {})", item.found, item.raw);
}

void add_details(std::vector<std::string>& out, const CheckItem& item, const Look& look) {
  if (item.state == CheckState::ok) return;
  for (auto& [name, text] :
       {std::pair{"expected", item.expected}, {"found", found_in_words(item)}, {"do", item.to_do}}) {
    if (text.empty() || text == item.says) continue;
    out.push_back(Ink(look).add("             ").add(fmt::format("{:<9}", name), Style::dim).add(text).str());
  }
}

bool over(const CheckItem& item) { return item.state != CheckState::waiting && item.state != CheckState::running; }

std::string summary(const CheckReport& r) {
  std::vector<std::string> parts;
  for (auto state : {CheckState::ok, CheckState::degraded, CheckState::failed, CheckState::blind, CheckState::skipped,
                     CheckState::asked, CheckState::elsewhere})
    if (auto n = r.count(state)) parts.push_back(fmt::format("{} {}", n, word_of(state)));
  return joined(parts, ", ");
}

}  // namespace

std::string_view word_of(CheckState s) {
  constexpr std::string_view kWords[] = {"waiting",     "running", "ok",    "degraded", "failed",
                                         "cannot tell", "skipped", "asked", "not here"};
  return kWords[static_cast<int>(s)];
}

std::size_t CheckReport::count(CheckState s) const {
  return static_cast<std::size_t>(std::ranges::count(items, s, &CheckItem::state));
}
bool CheckReport::done() const { return std::ranges::all_of(items, over); }
bool CheckReport::well() const { return done() && count(CheckState::failed) + count(CheckState::blind) == 0; }

std::string check_path(std::string_view path) {
  return std::string(path.starts_with(kRoot) ? path.substr(kRoot.size()) : path);
}

CheckReport report_of(const run::Runbook& book, std::string plan, const std::set<run::StepIx>& optional) {
  CheckReport out{.plan = std::move(plan), .environment = book.environment};
  for (run::StepIx i = 0; auto& step : book.steps) {
    auto& item = out.items.emplace_back(item_of(step));
    item.optional = optional.contains(i++);
    if (step.call.of_person()) item.state = CheckState::asked, item.says = step.says + ", in a deployment";
    if (step.call.port == "elsewhere") item.state = CheckState::elsewhere, item.says = step.says;
  }
  return out;
}

void fold(CheckReport& r, const run::Event& event, const run::State& state, Time at) {
  auto index = [&](run::StepIx step) {
    auto found = std::ranges::find(r.items, item_of(state.step(step)).path(), &CheckItem::path);
    return static_cast<std::size_t>(found - r.items.begin());
  };
  r.now = at;
  if (std::get_if<run::Started>(&event)) r.began = at;
  if (auto e = std::get_if<run::AttemptStarted>(&event)) {
    auto at_item = r.open[e->id] = index(e->step);
    auto& one = r.items.at(at_item);
    one.state = CheckState::running;
    if (!one.began) one.began = at;
  }
  if (auto e = std::get_if<run::Skipped>(&event))
    if (auto& one = r.items.at(index(e->step)); one.optional) one.state = CheckState::skipped;
  if (auto e = std::get_if<run::AttemptEnded>(&event); e && r.open.contains(e->id)) {
    auto& one = r.items.at(r.open[e->id]);
    take_end(one, *e), one.ended = at;
  }
}

std::vector<std::string> check_lines(const CheckReport& r, const Look& look) {
  int width = 4;
  for (auto& item : r.items) width = std::max(width, columns(clean(item.path())));
  std::vector<std::string> out;
  for (auto& item : r.items) {
    Ink line(look);
    line.add(fmt::format("{:<11}", word_of(item.state)), style_of(item.state)).add("  ").add(item.path());
    line.gap(13 + width + 2).add(item.says);
    out.push_back(line.str());
    add_details(out, item, look);
  }
  if (!r.items.empty()) out.push_back(Ink(look).add(r.done() ? summary(r) : check_progress(r), Style::dim).str());
  return out;
}

std::string check_progress(const CheckReport& r) {
  auto finished = std::ranges::count_if(r.items, over);
  std::vector<std::string> running;
  for (auto& item : r.items)
    if (item.state == CheckState::running && running.size() < kNamed) running.push_back(item.title);
  auto more = r.count(CheckState::running) - running.size();
  auto out = fmt::format("{} of {} done", finished, r.items.size());
  if (!running.empty()) out += "; now: " + joined(running, ", ");
  return more > 0 ? out + fmt::format(" and {} more", more) : out;
}

}  // namespace davy::view
