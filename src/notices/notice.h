// One thing to be told to one person by one way.
#pragma once
#include "notices/news.h"

namespace davy::notices {

enum class Way { email, slack, webhook, command, status_page, grafana };

// Where one person is reached. Each is a reader of its own: one that does not answer keeps no other waiting.
struct Channel {
  std::string person;
  Way way = Way::email;
  std::string name() const;  // "ana/email"
  // Of its cursors in a run's journal. what: "begun", the record of the notice that was tried last; "told", of the last
  // one that was taken. beside: of what no record tells, "alone" or "late".
  std::string reader(std::string_view what, std::string_view beside = {}) const;
  auto operator<=>(const Channel&) const = default;
};

struct Notice {
  std::string id;  // of run, record and channel: told twice, it is the same
  std::string run;
  Event what = Event::note;
  std::string own = {};  // as News::own
  std::string name() const { return own.empty() ? word(what) : own; }
  Channel channel;
  Time at{};     // when it happened
  Time since{};  // of what took time: when it began; else as `at`
  std::string subject, text;
  std::map<std::string, std::string> values;
  bool again = false;                     // it may have been received before
  std::optional<Question> question = {};  // that is asked of this very person
};

// All channels of a book, in its order.
std::vector<Channel> channels_of(const Book&);

// What is to be told over one channel; nothing where this news is not told to its person. seq: of the journal's record.
std::optional<Notice> notice_for(const Book&, const Channel&, const News&, const std::string& run, std::int64_t seq,
                                 Time at);

// The same with the means to answer: the link of the page, where there is one, and `davy answer TOKEN` below its text,
// and both as the values `answer_link` and `answer`.
Notice answerable(Notice, const std::string& token, const std::string& link = {});

}  // namespace davy::notices

namespace davy::spec {

template <>
inline constexpr auto kWords<notices::Way> = words<notices::Way>({{"email", notices::Way::email},
                                                                  {"slack", notices::Way::slack},
                                                                  {"webhook", notices::Way::webhook},
                                                                  {"command", notices::Way::command},
                                                                  {"status-page", notices::Way::status_page},
                                                                  {"grafana", notices::Way::grafana}});

}  // namespace davy::spec
