// The sections of a plan as data: how each is read, and what schema and reference say of it.
#pragma once
#include <span>

#include "plan/parse/reader.h"

namespace davy::plan {

struct Section {
  std::string_view name, doc, example;
  bool required;
  void (*read)(Reader&, const spec::Value&);
};
std::span<const Section> sections();

// Of a service: its platform can run two releases at once. One of templates ("templates") does of what is one: its name
// ends with @.
bool has_room_for_two(const Reader&, const Provider& platform);

// `releases` and `adopt` of a service, whose platform is read already.
void read_releases(Reader&, const spec::Value& service, Service&);

// Those that have files of their own.
void read_judge(Reader&, const spec::Value&);
void read_watch(Reader&, const spec::Value&);
void read_people(Reader&, const spec::Value&);
void read_notify(Reader&, const spec::Value&);
void read_mail(Reader&, const spec::Value&);
void read_silence(Reader&, const spec::Value&);
void read_answers(Reader&, const spec::Value&);

}  // namespace davy::plan
