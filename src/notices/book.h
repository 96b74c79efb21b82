// People, the ways to them, and what each is told. src/plan reads it from the sections `people`, `notify` and `mail`;
// the runbook carries it, so that who sends never reads a plan.
#pragma once
#include "spec/fields.h"

namespace davy::notices {

// What may be told of a run.
enum class Event { started, phase, progress, asked, held, done, rolled_back, page, warn, note };

// How often a turn passes to the next.
enum class Each { day, week, month };

// A text, or JSON whose texts are filled in.
struct Body {
  spec::Value is;
};

// `$NAME` is the value of a secret, put in by who sends. Each way that is not empty is taken.
struct Person {
  std::string email;
  std::string slack;    // URL of an incoming webhook
  std::string webhook;  // URL that gets JSON
  std::string sign;     // $NAME: the webhook's body is signed with it
  Body body;            // what the webhook is handed instead of Davy's own JSON; or as a form:
  std::map<std::string, std::string> form, headers;
  std::string user, password, token;  // of the webhook; the last two: $NAME
  int limit = 0;                      // characters of `${text}`; 0: any number
  std::string command;                // a line for /bin/sh, the text on its standard input
  std::string status_page;            // a file without its ending: a page and its JSON, for whoever reads them
  std::string grafana;                // its URL: each notice is an annotation there, with `token`
  std::vector<std::string> tags;      // of those, beside Davy's own
  // Or no way of their own: of these people one after the other, each for `every`, the first from midnight UTC of
  // `from` on.
  std::vector<std::string> turns;
  Each every = Each::week;
  std::string from;  // 2026-01-05

  bool takes_turns() const { return !turns.empty(); }
};

struct Telling {
  std::vector<std::string> to;       // names of people
  std::string text;                  // with ${names}; empty: Davy's words
  std::vector<std::string> only_in;  // environments; none: everywhere
  Duration every{};                  // of progress: so often
};

// Who takes mail for others.
struct MailServer {
  std::string server = "smtp://localhost:25";  // smtps:// is TLS from the first byte, smtp:// asks for STARTTLS
  std::string from;                            // empty: davy@ this machine
  std::string user, password;                  // password: $NAME
};

// Whom alerts need not call while a run goes on.
struct Silence {
  std::string alertmanager;  // its URL; empty: nobody is silenced
  std::vector<std::string> matchers;
  std::string token;  // $NAME
};

// Where people answer in a browser.
struct Answers {
  std::string listen;  // 127.0.0.1:9181; empty: nowhere
  std::string url;     // under which the team's own proxy has it; empty: by this address itself
  std::string link(const std::string& token) const;
};

struct Book {
  std::map<std::string, Person> people;    // by name
  std::map<std::string, Telling> notices;  // by the word of an event
  MailServer mail;
  Answers answers = {};
  Silence silence = {};

  const Person* person(const std::string& name) const;
  const Telling* telling(const std::string& name) const;
  const Telling* telling(Event) const;
  bool empty() const { return notices.empty() && people.empty() && silence.alertmanager.empty(); }
};

std::string word(Event);
std::string_view when(Event);  // it is told, as a sentence

Book only_in(Book, std::string_view environment);  // what is told there
spec::Value to_value(const Book&);                 // for a runbook; null where nobody is told anything
Result<Book> book_from(const spec::Value&);        // Code::invalid: it is none

}  // namespace davy::notices

namespace davy::spec {

template <>
inline constexpr auto kWords<notices::Event> = words<notices::Event>({{"started", notices::Event::started},
                                                                      {"phase", notices::Event::phase},
                                                                      {"progress", notices::Event::progress},
                                                                      {"asked", notices::Event::asked},
                                                                      {"held", notices::Event::held},
                                                                      {"done", notices::Event::done},
                                                                      {"rolled-back", notices::Event::rolled_back},
                                                                      {"page", notices::Event::page},
                                                                      {"warn", notices::Event::warn},
                                                                      {"note", notices::Event::note}});
template <>
inline constexpr auto kWords<notices::Each> =
    words<notices::Each>({{"day", notices::Each::day}, {"week", notices::Each::week}, {"month", notices::Each::month}});
template <>
struct Codec<notices::Body> {
  static bool decode(const Value& v, notices::Body& out, Diagnostics&) { return out.is = v, true; }
  static Json encode(const notices::Body& v) { return to_json(v.is); }
  static Json schema() { return {{"anyOf", {{{"type", "string"}}, {{"type", "object"}}}}}; }
};
// Their tables: book.cc
template <
    OneOf<notices::Person, notices::Telling, notices::MailServer, notices::Silence, notices::Answers, notices::Book> T>
inline constexpr bool kApart<T> = true;

}  // namespace davy::spec
