#include "watch/news.h"

#include <fmt/format.h>

namespace davy::watch {
namespace {

using notices::News;
using run::Consequence;

std::string services_of(const run::Runbook& book) {
  std::string out;
  for (auto& subject : book.subjects) out += (out.empty() ? "" : ", ") + subject.service;
  return out;
}

std::string for_people(Time at) {
  auto text = timestamp(at);
  return text.substr(0, 10) + " " + text.substr(11, 8) + " UTC";
}

notices::Event event_of(Consequence then) {
  switch (then) {
    case Consequence::note:
      return notices::Event::note;
    case Consequence::warn:
      return notices::Event::warn;
    case Consequence::page:
    case Consequence::hold:
    case Consequence::roll_back:
      return notices::Event::page;
  }
  return notices::Event::page;
}

struct Telling {
  const State& s;
  Time at;

  const run::Duty& duty(DutyIx i) const { return s.book.watch.at(static_cast<std::size_t>(i)); }

  News about(notices::Event what, std::string reason) const {
    News out{.what = what, .values = s.book.setup.variables};
    for (auto name : notices::kNames) out.values[std::string(name)] = "";
    auto& subjects = s.book.subjects;
    out.values["version"] = subjects.empty() ? s.book.version : subjects.front().candidate.version;
    out.values["previous"] = subjects.empty() ? "" : subjects.front().previous.version;
    out.values["environment"] = s.book.environment;
    out.values["service"] = services_of(s.book);
    out.values["run"] = s.run;
    out.values["who"] = "davy serve";
    out.values["time"] = for_people(at);
    out.values["phase"] = "watch";
    out.values["duration"] = human(std::chrono::floor<std::chrono::seconds>(at - s.since));
    out.values["reason"] = std::move(reason);
    return out;
  }

  std::string looked(const Looked& e) const {
    if (e.seen == Seen::well)
      return fmt::format("{} is well again ({})", duty(e.duty).name, in_words(duty(e.duty).when));
    std::string out = fmt::format("{} ({}): ", duty(e.duty).name, in_words(duty(e.duty).when));
    if (e.items.empty()) return out + e.says;
    for (auto& item : e.items)
      out += fmt::format("{}{}: {}{}", &item == &e.items.front() ? "" : "; ", item.path,
                         item.seen == Seen::cannot_tell ? "cannot tell: " : "", item.says);
    return out;
  }

  std::optional<News> operator()(const Looked& e) const {
    if (!is_told(s.duties.at(static_cast<std::size_t>(e.duty)), e, at)) return {};
    return about(event_of(duty(e.duty).then), looked(e));
  }
  std::optional<News> operator()(const Missed& e) const {
    if (e.first >= s.claimed_at) return {};  // a look that takes longer than its beat is no news
    auto times = e.times == 1 ? "once" : fmt::format("{} times", e.times);
    return about(notices::Event::note, fmt::format("{} was missed {}: {}", duty(e.duty).name, times, e.why));
  }
  std::optional<News> operator()(const Told& e) const {
    auto out = about(notices::Event::note, "");
    out.own = e.name;
    return out;
  }
  std::optional<News> operator()(const AlarmBegan& e) const { return about(event_of(e.then), e.says); }
  std::optional<News> operator()(const AlarmGoesOn& e) const {
    auto began = s.alarms.find(e.rule);
    if (began == s.alarms.end()) return {};
    auto lasts = human(std::chrono::floor<std::chrono::seconds>(at - began->second.since));
    return about(event_of(began->second.then), fmt::format("still, for {}: {}", lasts, began->second.says));
  }
  std::optional<News> operator()(const AlarmOver& e) const {
    auto began = s.alarms.find(e.rule);
    if (began == s.alarms.end()) return {};
    auto lasted = human(std::chrono::floor<std::chrono::seconds>(at - began->second.since));
    return about(event_of(began->second.then), fmt::format("over after {}: {}. Now {}", lasted, e.rule, e.says));
  }
  std::optional<News> operator()(const BackWanted& e) const {
    return about(notices::Event::page, "it is to be taken back, since " + e.why);
  }
  std::optional<News> operator()(const BackRefused& e) const {
    if (s.back_refused) return {};  // told when it was tried first; it is tried on
    return about(notices::Event::page, "it was to be taken back, and that cannot begin: " + e.says);
  }
  std::optional<News> operator()(const BackNotWanted& e) const {
    return about(notices::Event::page, "it is not taken back any more: " + e.why);
  }
  std::optional<News> operator()(const auto&) const { return {}; }
};

}  // namespace

std::optional<News> news_of(const State& before, const Event& e, Time at) { return std::visit(Telling{before, at}, e); }

}  // namespace davy::watch
