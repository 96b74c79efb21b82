// What a webhook and Slack are handed.
#pragma once
#include "notices/notice.h"

namespace davy::notices {

// {"id", "event", "again", "at", "subject", "text", "run", "environment", "service", "version", …}: what texts may
// name, with the id by which a receiver knows what it had already.
std::string webhook_body(const Notice&);

// What the webhook of a person is handed: Davy's JSON, or what the plan says.
struct Handed {
  std::string type, body;  // type: of the body, for its Content-Type
  std::map<std::string, std::string> headers;
};
Handed handed(const Person&, const Notice&);

// What the texts of a webhook may name beside kNames.
// `answer` and `answer_link` are empty in all but what is asked of this person.
inline constexpr std::string_view kNamesOfBodies[] = {"text", "subject", "id", "event", "answer", "answer_link"};

// Of POST /api/annotations (Grafana, "Annotations HTTP API"): a region where it took time. Tags: davy, service,
// environment and event, and those of the person.
std::string annotation_body(const Person&, const Notice&);

// {"text"}: of an incoming webhook (docs.slack.dev, "Sending messages using incoming webhooks"). `&`, `<` and `>` stand
// for themselves, so that no link and no mention comes from a release's own words.
std::string slack_body(const Notice&);

// The words themselves, with "again" before them where they may have been received before.
std::string spoken(const Notice&);
std::string headline(const Notice&);

// What a command finds in its environment: DAVY_NOTICE (the id), DAVY_EVENT, DAVY_AGAIN (yes or no), and what texts may
// name by their own names.
std::map<std::string, std::string> environment_of(const Notice&);

}  // namespace davy::notices
