#include "notices/book.h"

#include <algorithm>

namespace davy::spec {

template <>
inline constexpr auto kFields<notices::Person> = std::tuple{
    optional("email", &notices::Person::email, "gets mail there"),
    optional("slack", &notices::Person::slack, "the URL of an incoming webhook of Slack, or $NAME of a secret"),
    optional("webhook", &notices::Person::webhook, "a URL that gets each notice as JSON, or $NAME of a secret"),
    optional("sign", &notices::Person::sign,
             "beside `webhook`: $NAME of a secret, with which the body is signed (HMAC-SHA256)"),
    optional("body", &notices::Person::body,
             "what the webhook gets instead of Davy's JSON: a text, or JSON; their `${names}` are filled in"),
    optional("form", &notices::Person::form, "the same as a form: its fields, filled in"),
    optional("headers", &notices::Person::headers, "headers of the webhook, filled in"),
    optional("user", &notices::Person::user, "user for Basic authorization at the webhook"),
    optional("password", &notices::Person::password, "$NAME of a secret, beside `user`"),
    optional("token", &notices::Person::token, "$NAME of a secret, sent to the webhook as Bearer"),
    optional("limit", &notices::Person::limit, "how many characters of `${text}` the webhook takes"),
    optional("command", &notices::Person::command, "is run by /bin/sh with the text on its standard input"),
    optional("status-page", &notices::Person::status_page,
             "a file: each notice stands in FILE.html, for a browser, and in FILE.json"),
    optional("grafana", &notices::Person::grafana,
             "the URL of a Grafana: each notice is an annotation, of a phase or a whole run a region"),
    optional("tags", &notices::Person::tags, "beside `grafana`: tags of those annotations, beside Davy's own"),
    optional("turns", &notices::Person::turns, "people who take turns, such as [ana, bo]"),
    optional("every", &notices::Person::every, "with `turns`: day, week or month"),
    optional("from", &notices::Person::from, "with `turns`: the day on which the first one's turn begins, 2026-01-05")};
template <>
inline constexpr auto kFields<notices::Telling> =
    std::tuple{required("to", &notices::Telling::to, "names of people, one or a list"),
               optional("text", &notices::Telling::text, "what they are told; without it Davy's own words"),
               optional("only-in", &notices::Telling::only_in, "environments in which it is told"),
               optional("every", &notices::Telling::every, "of `progress`: how often it is told")};
template <>
inline constexpr auto kFields<notices::MailServer> = std::tuple{
    optional("server", &notices::MailServer::server,
             "smtp://HOST:587 asks for STARTTLS, smtps://HOST:465 begins with TLS; without it this machine's own"),
    optional("from", &notices::MailServer::from, "the sender's address; without it davy@ this machine"),
    optional("user", &notices::MailServer::user, "as whom Davy logs in"),
    optional("password", &notices::MailServer::password, "$NAME of a secret")};
template <>
inline constexpr auto kFields<notices::Silence> =
    std::tuple{required("alertmanager", &notices::Silence::alertmanager, "its URL"),
               required("matchers", &notices::Silence::matchers, "which alerts: `service=shop`, `severity=~page|warn`"),
               optional("token", &notices::Silence::token, "$NAME of a secret, sent as Bearer")};
template <>
inline constexpr std::string_view kShort<notices::Answers> = "listen";
template <>
inline constexpr auto kFields<notices::Answers> = std::tuple{
    required("listen", &notices::Answers::listen, "host:port where the page is served, without TLS: for a proxy"),
    optional("url", &notices::Answers::url, "under which people find it; without it http:// and that address")};
template <>
inline constexpr auto kFields<notices::Book> =
    std::tuple{optional("people", &notices::Book::people, "the ways to them"),
               optional("notices", &notices::Book::notices, "what is told to whom"),
               optional("mail", &notices::Book::mail, "who takes mail for others"),
               optional("answers", &notices::Book::answers, "where people answer in a browser"),
               optional("silence", &notices::Book::silence, "which alerts call nobody meanwhile")};

// clang-format off
template <> const core::Table& table_of<notices::Person>() { return MadeTable<notices::Person>::get(); }
template <> const core::Table& table_of<notices::Telling>() { return MadeTable<notices::Telling>::get(); }
template <> const core::Table& table_of<notices::MailServer>() { return MadeTable<notices::MailServer>::get(); }
template <> const core::Table& table_of<notices::Silence>() { return MadeTable<notices::Silence>::get(); }
template <> const core::Table& table_of<notices::Answers>() { return MadeTable<notices::Answers>::get(); }
template <> const core::Table& table_of<notices::Book>() { return MadeTable<notices::Book>::get(); }
// clang-format on

}  // namespace davy::spec

namespace davy::notices {

std::string word(Event what) { return spec::encode(what).get<std::string>(); }

std::string_view when(Event what) {
  switch (what) {
    case Event::started:
      return "The run has begun.";
    case Event::phase:
      return "A phase of a canary passed.";
    case Event::progress:
      return "Every so often (`every`) while the run goes on: how far it is. It is told once, or not at all.";
    case Event::asked:
      return "Somebody is to confirm or approve something. Who is asked and stands under `people` is told in any case.";
    case Event::held:
      return "The run waits, and a person must decide.";
    case Event::done:
      return "The release serves, and that was verified.";
    case Event::rolled_back:
      return "All is as it was before, and that was verified.";
    case Event::page:
      return "A rule of `judge` says so, an undo failed, the keeper moved users back, nobody drives the run, or it "
             "ended "
             "in a state that needs people.";
    case Event::warn:
      return "A rule of `judge` says so, a phase takes more than twice its time, or the run was refused, or left as it "
             "stands.";
    case Event::note:
      return "A rule of `judge` says so.";
  }
  return "";
}

std::string Answers::link(const std::string& token) const {
  if (listen.empty() || token.empty()) return "";
  auto base = url.empty() ? "http://" + listen : url;
  return base + (base.ends_with('/') ? "" : "/") + token;
}

const Person* Book::person(const std::string& name) const {
  auto found = people.find(name);
  return found == people.end() ? nullptr : &found->second;
}

const Telling* Book::telling(Event what) const { return telling(word(what)); }

const Telling* Book::telling(const std::string& name) const {
  auto found = notices.find(name);
  return found == notices.end() ? nullptr : &found->second;
}

Book only_in(Book book, std::string_view environment) {
  std::erase_if(book.notices, [&](auto& one) {
    auto& where = one.second.only_in;
    return !where.empty() && std::ranges::find(where, environment) == where.end();
  });
  return book;
}

spec::Value to_value(const Book& book) { return book.empty() ? spec::Value{} : spec::from_json(spec::encode(book)); }

Result<Book> book_from(const spec::Value& v) {
  if (v.null()) return Book{};
  return spec::decoded<Book>(v, "the notices of a runbook");
}

}  // namespace davy::notices
