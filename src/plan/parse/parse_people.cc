// Who is told what, and by which ways: the sections people, notify and mail.
#include <fmt/format.h>

#include "notices/letter.h"
#include "notices/silence.h"
#include "notices/turns.h"
#include "plan/parse/sections.h"
#include "plan/words/names.h"
#include "plan/yaml/yaml_text.h"

namespace davy::plan {
namespace {

// Words of a later Davy are told as that, and taken out: what is left is read.
spec::Value without_later(Reader& r, std::string_view port, const spec::Value& v) {
  Keys later;
  if (!v.map()) return v;
  for (auto& entry : *v.map())
    if (auto says = later_word(port, entry.key); !says.empty()) r.d.add(entry.mark, says), later.push_back(entry.key);
  return without(v, later);
}

spec::Mark place_of(const spec::Value& map, std::string_view key) {
  auto found = map.find(key);
  return found ? found->mark : map.mark;
}

bool is_web_address(std::string_view text) { return text.starts_with("https://") || text.starts_with("http://"); }

// `$NAME`, one of the plan's secrets.
void check_secret(Reader& r, const std::string& text, spec::Mark at) {
  r.later([&r, text, at] {
    if (text.starts_with('$') && std::ranges::find(r.plan.secrets, text.substr(1)) != r.plan.secrets.end()) return;
    auto name = text.starts_with('$') ? text.substr(1) : "NAME";
    Keys known(r.plan.secrets.begin(), r.plan.secrets.end());
    r.d.add(at,
            text.starts_with('$') ? ticked(text) + ", which is none of the plan's secrets"
                                  : "a value, where a secret belongs",
            fmt::format("`${}`, with `secrets: [{}]` in the plan", name, name), nearest(name, known));
  });
}

void check_address(Reader& r, const spec::Value& map, std::string_view way, const std::string& address) {
  if (address.empty() || is_web_address(address)) return;
  auto at = place_of(map, way);
  if (address.starts_with('$')) return check_secret(r, address, at);
  r.d.add(at, fmt::format("{} as the address of a {}", ticked(address), ticked(way)),
          "a URL that begins with https://, or `$NAME` of a secret");
}

// What a webhook is handed is sent as it is written.
void no_secret_in(Reader& r, const spec::Value& v) {
  if (auto list = v.list())
    for (auto& item : *list) no_secret_in(r, item);
  if (auto map = v.map())
    for (auto& entry : *map) no_secret_in(r, entry.value);
  if (!v.text()) return;
  r.later([&r, text = *v.text(), at = v.mark] {
    for (auto& secret : r.plan.secrets)
      if (text.contains("$" + secret))
        r.d.add(at, fmt::format("the secret {}, which would be sent as it is written", ticked("$" + secret)),
                fmt::format("`token: ${}` for a Bearer, or `user:` and `password: ${}`", secret, secret));
  });
}

void check_webhook(Reader& r, const spec::Value& map, const notices::Person& person) {
  check_address(r, map, "webhook", person.webhook);
  for (auto key : {"sign", "body", "form", "headers", "user", "password", "token", "limit"})
    if (map.find(key) && person.webhook.empty() && !(key == std::string_view("token") && !person.grafana.empty()))
      r.d.add(place_of(map, key), fmt::format("{} without `webhook`", ticked(key)), "it beside a webhook");
  for (auto [key, secret] : {std::pair("sign", person.sign), {"password", person.password}, {"token", person.token}})
    if (!secret.empty()) check_secret(r, secret, place_of(map, key));
  for (auto key : {"body", "form", "headers"})
    if (auto said = map.find(key)) no_secret_in(r, *said);
  if (map.find("body") && map.find("form")) r.d.add(place_of(map, "form"), "`form` beside `body`", "one of both");
  if (person.user.empty() != person.password.empty() || (!person.user.empty() && !person.token.empty()))
    r.d.add(place_of(map, person.user.empty() ? "password" : "user"), "half of a login, or two",
            "`user` with `password`, or `token` alone");
  if (person.limit < 0) r.d.add(place_of(map, "limit"), "`limit` below nothing", "a number of characters");
}

void check_turns(Reader& r, const spec::Value& map, const notices::Person& person) {
  if (!notices::day_of(person.from))
    r.d.add(place_of(map, "from"), person.from.empty() ? "`turns` without `from`" : ticked(person.from) + " as a day",
            "the day on which the first turn begins, such as `from: 2026-01-05`");
  r.later([&r, names = person.turns, at = place_of(map, "turns")] {
    for (auto& name : names) {
      auto other = r.plan.notices.person(name);
      if (!other)
        r.d.add(at, fmt::format("{}, who is nobody under `people:`", ticked(name)), "names of this section");
      else if (other->takes_turns())
        r.d.add(at, fmt::format("{} among those who take turns, and who takes turns too", ticked(name)), "one person");
    }
  });
}

void check_person(Reader& r, const spec::Entry& entry, const notices::Person& person) {
  auto& map = entry.value;
  bool reached = !person.email.empty() || !person.slack.empty() || !person.webhook.empty() || !person.command.empty() ||
                 !person.status_page.empty() || !person.grafana.empty();
  if (reached == person.takes_turns())
    r.d.add(entry.mark,
            fmt::format("{} {}", ticked(entry.key),
                        reached ? "with ways of their own and `turns`" : "without a way to them"),
            "`email`, `slack`, `webhook`, `command`, `status-page` or `grafana`; or `turns` of others");
  if (!person.email.empty() && !notices::mail_address(person.email))
    r.d.add(place_of(map, "email"), ticked(person.email) + " as a mail address", "one such as ana@example.com");
  check_address(r, map, "slack", person.slack);
  if (!person.grafana.empty() && !is_web_address(person.grafana))
    r.d.add(place_of(map, "grafana"), ticked(person.grafana) + " as the address of a Grafana", "its URL");
  if (map.find("tags") && person.grafana.empty())
    r.d.add(place_of(map, "tags"), "`tags` without `grafana`", "it beside a Grafana");
  if (!person.grafana.empty() && !person.webhook.empty())
    r.d.add(place_of(map, "grafana"), "`grafana` beside `webhook`, whose `token` would be meant for both",
            "a name of its own under `people:`");
  check_webhook(r, map, person);
  if (person.takes_turns()) return check_turns(r, map, person);
  for (auto key : {"every", "from"})
    if (map.find(key)) r.d.add(place_of(map, key), fmt::format("{} without `turns`", ticked(key)), "it beside `turns`");
}

void check_told(Reader& r, const spec::Value& map, const notices::Telling& telling) {
  r.later([&r, to = telling.to, at = place_of(map, "to")] {
    Keys known;
    for (auto& [name, person] : r.plan.notices.people) known.push_back(name);
    for (auto& name : to)
      if (!r.plan.notices.person(name))
        r.d.add(at, fmt::format("{}, who is nobody under `people:`", ticked(name)),
                known.empty() ? "`people:` with the ways to them" : "one of " + spec::listed(known),
                nearest(name, known));
  });
  check_environments(r, telling.only_in, place_of(map, "only-in"));
  r.later([&r, text = telling.text, at = place_of(map, "text")] {
    for (auto& secret : r.plan.secrets)
      if (text.contains("$" + secret))
        r.d.add(at, fmt::format("the secret {} in a text", ticked("$" + secret)),
                "a text without it: many will read it");
  });
}

void check_every(Reader& r, const spec::Entry& entry, const notices::Telling& telling) {
  bool wants = entry.key == notices::word(notices::Event::progress);
  auto at = place_of(entry.value, "every");
  if (!wants && entry.value.find("every")) r.d.add(at, "`every` of what is told once", "it under `progress`");
  if (wants && telling.every < std::chrono::minutes(1))
    r.d.add(at, "`progress` without `every`, or more often than each minute", "`every: 10m`");
}

Keys event_words() {
  Keys out;
  for (auto& [word, event] : spec::kWords<notices::Event>) out.push_back(word);
  return out;
}

// An event, or a name of the plan's own that a step sends.
void check_sent(Reader& r, const spec::Entry& entry) {
  auto words = event_words();
  if (std::ranges::find(words, entry.key) != words.end()) return;
  r.later([&r, name = entry.key, at = entry.mark] {
    auto sent = [&](auto& step) {
      auto sends = std::get_if<Notify>(&step.what);
      return sends && sends->name == name;
    };
    if (std::ranges::any_of(r.plan.rollout, sent)) return;
    for (auto& entry : r.plan.watch)
      if (std::ranges::any_of(entry.steps, sent)) return;
    auto events = event_words();
    r.d.add(at, ticked(name) + " is no event and no step sends it",
            fmt::format("one of {}, or `- notify: {}` in the rollout or the watch", spec::listed(events), name),
            nearest(name, events));
  });
}

bool is_map(Reader& r, const spec::Value& v, std::string_view expected) {
  if (v.map() && !v.map()->empty()) return true;
  r.d.add(v.mark, described(v), std::string(expected));
  return false;
}

}  // namespace

void check_sends(Reader& r, const std::string& name, spec::Mark at) {
  r.later([&r, name, at] {
    auto words = event_words();
    if (std::ranges::find(words, name) != words.end())
      r.d.add(at, ticked(name) + " as what a step sends, which Davy tells by itself",
              "a name of your own under `notify:`");
    else if (!r.plan.notices.notices.contains(name))
      r.d.add(at, ticked(name) + ", of which `notify:` does not say whom to tell",
              fmt::format("`notify: {{ {}: {{ to: …, text: … }} }}`", name));
  });
}

void read_people(Reader& r, const spec::Value& v) {
  if (!is_map(r, v, "a map of people, such as `ana: { email: ana@example.com }`")) return;
  for (auto& entry : *v.map()) {
    check_name("a person", entry.key, entry.mark, r.d);
    auto& person = r.plan.notices.people[entry.key];
    if (read(r, without_later(r, "person", entry.value), person)) check_person(r, entry, person);
  }
}

void read_notify(Reader& r, const spec::Value& v) {
  if (!is_map(r, v, "a map of events, such as `done: { to: team }`")) return;
  for (auto& entry : *v.map()) {
    notices::Telling telling;
    if (!read(r, without_later(r, "notice", entry.value), telling)) continue;
    check_sent(r, entry);
    check_told(r, entry.value, telling);
    check_every(r, entry, telling);
    r.plan.notices.notices[entry.key] = std::move(telling);
  }
}

void read_answers(Reader& r, const spec::Value& v) {
  auto& answers = r.plan.notices.answers;
  if (!read(r, v, answers)) return;
  auto colon = answers.listen.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == answers.listen.size())
    r.d.add(place_of(v, "listen"), ticked(answers.listen) + " as an address", "host:port, such as `127.0.0.1:9181`");
  if (!answers.url.empty() && !answers.url.starts_with("https://") && !answers.url.starts_with("http://"))
    r.d.add(place_of(v, "url"), ticked(answers.url) + " as a URL", "one such as `https://ops.example.com/davy`");
}

void read_silence(Reader& r, const spec::Value& v) {
  auto& silence = r.plan.notices.silence;
  if (!read(r, v, silence)) return;
  if (!is_web_address(silence.alertmanager))
    r.d.add(place_of(v, "alertmanager"), ticked(silence.alertmanager) + " as an address", "the URL of an Alertmanager");
  if (silence.matchers.empty())
    r.d.add(place_of(v, "matchers"), "a silence of every alert", "`matchers: [service=shop]`");
  for (auto& one : silence.matchers)
    if (!notices::is_matcher(one))
      r.d.add(place_of(v, "matchers"), ticked(one) + " as a matcher", "`service=shop`, `severity=~page|warn`");
  if (!silence.token.empty()) check_secret(r, silence.token, place_of(v, "token"));
}

void read_mail(Reader& r, const spec::Value& v) {
  auto& mail = r.plan.notices.mail;
  if (!read(r, v, mail)) return;
  if (!mail.server.starts_with("smtp://") && !mail.server.starts_with("smtps://"))
    r.d.add(place_of(v, "server"), ticked(mail.server) + " as a mail server",
            "`smtp://HOST:587`, which asks for STARTTLS, or `smtps://HOST:465`");
  if (!mail.from.empty() && !notices::mail_address(mail.from))
    r.d.add(place_of(v, "from"), ticked(mail.from) + " as a mail address", "one such as davy@example.com");
  if (mail.user.empty() != mail.password.empty())
    r.d.add(v.mark, mail.user.empty() ? "`password` without `user`" : "`user` without `password`", "both, or neither");
  if (!mail.password.empty()) check_secret(r, mail.password, place_of(v, "password"));
}

}  // namespace davy::plan
