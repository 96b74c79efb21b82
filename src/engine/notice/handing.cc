#include "engine/notice/handing.h"

#include "notices/bodies.h"
#include "notices/letter.h"
#include "ports/outside.h"

namespace davy::engine {
namespace {

ports::Letter letter_of(const Ways& ways, const notices::MailServer& mail, const notices::Notice& n,
                        const std::string& to) {
  auto from = mail.from.empty() ? "davy@" + ways.host : mail.from;
  ports::Letter out{.server = mail.server, .user = mail.user, .from = from, .to = to};
  if (!mail.password.empty()) out.password = {mail.password.substr(1)};
  out.message = notices::letter(n, from, to);
  return out;
}

ports::Post post_of(const notices::Person& person, const notices::Notice& n) {
  auto made = notices::handed(person, n);
  ports::Post out{.url = person.webhook, .sign = person.sign, .type = made.type, .body = made.body};
  out.headers = std::move(made.headers), out.id = n.id;
  auto& secret = person.user.empty() ? person.token : person.password;
  if (!secret.empty()) out.auth = {person.user, {secret.substr(1)}};
  return out;
}

ports::Post annotation_of(const notices::Person& person, const notices::Notice& n) {
  auto slash = person.grafana.ends_with('/') ? "" : "/";
  ports::Post out{.url = person.grafana + slash + "api/annotations", .body = notices::annotation_body(person, n)};
  out.id = n.id;
  if (!person.token.empty()) out.auth = {"", {person.token.substr(1)}};
  return out;
}

}  // namespace

ports::Task<> hand(Ways& ways, const notices::Book& book, notices::Notice n) {
  auto person = book.person(n.channel.person);
  if (!person) co_return fail(Code::invalid, "nobody is called " + n.channel.person);
  switch (n.channel.way) {
    case notices::Way::email:
      co_return co_await ways.mail.send(letter_of(ways, book.mail, n, person->email));
    case notices::Way::slack:
      co_return co_await ways.hooks.post({.url = person->slack, .body = notices::slack_body(n), .id = n.id});
    case notices::Way::webhook:
      co_return co_await ways.hooks.post(post_of(*person, n));
    case notices::Way::command:
      co_return co_await ways.sayings.say({.line = person->command,
                                           .text = notices::spoken(n) + "\n",
                                           .env = notices::environment_of(n),
                                           .cwd = ways.directory});
    case notices::Way::status_page:
      co_return co_await ways.pages.put({.file = ports::beside(ways.directory, person->status_page),
                                         .id = n.id,
                                         .event = n.name(),
                                         .subject = n.subject,
                                         .text = n.text,
                                         .at = n.at});
    case notices::Way::grafana:
      co_return co_await ways.hooks.post(annotation_of(*person, n));
  }
  co_return fail(Code::internal, "a way that is none");
}

}  // namespace davy::engine
