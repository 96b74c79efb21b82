#include "notices/notice.h"

#include <fmt/format.h>

#include <algorithm>

#include "notices/text.h"
#include "notices/turns.h"

namespace davy::notices {
namespace {

std::string word(Way way) { return spec::encode(way).get<std::string>(); }

// Who is meant by this name then.
std::string meant(const Book& book, const std::string& name, Time at) {
  auto person = book.person(name);
  return person && person->takes_turns() ? on_turn(*person, at) : name;
}

// A person who is meant twice is told once.
bool tells(const Book& book, const Telling& telling, const std::string& person, Time at) {
  return std::ranges::any_of(telling.to, [&](auto& name) { return meant(book, name, at) == person; });
}

}  // namespace

std::string Channel::reader(std::string_view what, std::string_view beside) const {
  return fmt::format("notice {}{}{} {}", what, beside.empty() ? "" : " ", beside, name());
}

std::string Channel::name() const { return person + "/" + word(way); }

std::vector<Channel> channels_of(const Book& book) {
  std::vector<Channel> out;
  for (auto& [name, person] : book.people) {
    if (!person.email.empty()) out.push_back({name, Way::email});
    if (!person.slack.empty()) out.push_back({name, Way::slack});
    if (!person.webhook.empty()) out.push_back({name, Way::webhook});
    if (!person.command.empty()) out.push_back({name, Way::command});
    if (!person.status_page.empty()) out.push_back({name, Way::status_page});
    if (!person.grafana.empty()) out.push_back({name, Way::grafana});
  }
  return out;
}

std::optional<Notice> notice_for(const Book& book, const Channel& channel, const News& news, const std::string& run,
                                 std::int64_t seq, Time at) {
  auto& question = news.question;
  bool asked = question && meant(book, question->person, at) == channel.person;
  auto telling = book.telling(news.name());
  if (!asked && (!telling || !tells(book, *telling, channel.person, at))) return {};
  return Notice{.id = fmt::format("{}.{}.{}.{}", run, seq, percent_encoded(channel.person), word(channel.way)),
                .run = run,
                .what = news.what,
                .own = news.own,
                .channel = channel,
                .at = at,
                .since = news.since.value_or(at),
                .subject = subject_of(news),
                .text = text_of(news, telling ? telling->text : ""),
                .values = news.values,
                .question = asked ? question : std::nullopt};
}

Notice answerable(Notice n, const std::string& token, const std::string& link) {
  if (token.empty()) return n;
  n.text += (link.empty() ? "\n\n" : "\n\n" + link + "\n") + "davy answer " + token;
  n.values["answer"] = token, n.values["answer_link"] = link;
  return n;
}

}  // namespace davy::notices
