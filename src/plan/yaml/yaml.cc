// yaml-cpp stops at the first thing it cannot read. A person wants to hear of all of them, so the unreadable value is
// taken out of the text (its place is kept) and the text is read again.
#include "plan/yaml/yaml.h"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>

#include "plan/yaml/yaml_build.h"
#include "plan/yaml/yaml_hints.h"
#include "plan/yaml/yaml_text.h"

namespace davy::plan {
namespace {

constexpr int kMostRepairs = 30;

struct Attempt {
  std::optional<spec::Value> root;
  spec::Diagnostics mistakes;
  std::set<int> broken;
  std::optional<YAML::Exception> stopped;
};

// Reads no further than the start of a second document: the plan is refused there.
struct SecondDocument {
  spec::Mark at;
};
struct Second : Builder {
  using Builder::Builder;
  void OnDocumentStart(const YAML::Mark& m) override { throw SecondDocument{{m.line + 1, m.column + 1}}; }
};

void refuse_more_documents(YAML::Parser& parser, spec::Diagnostics& d) try {
  Second second("", d);
  parser.HandleNextDocument(second);
} catch (const SecondDocument& second) {
  d.add(second.at, "a second YAML document", "one plan in a file");
}

Attempt attempt(const std::string& text) {
  Attempt out;
  std::istringstream in(text);
  Builder builder(text, out.mistakes);
  try {
    YAML::Parser parser(in);
    if (parser.HandleNextDocument(builder)) refuse_more_documents(parser, out.mistakes);
    builder.finish();
    out.root = builder.take();
    out.broken = builder.broken();
  } catch (const YAML::Exception& e) {
    out.stopped = e;
  } catch (const TooMuch&) {
  }
  return out;
}

void add_all(const spec::Diagnostics& from, spec::Diagnostics& to) {
  for (auto& d : from.sorted()) to.add(d.at, d.found, d.expected, d.nearest);
}

}  // namespace

Yaml read_yaml(std::string_view given, spec::Diagnostics& d) {
  if (given.starts_with("\xef\xbb\xbf")) given.remove_prefix(3);
  if (!fit_to_read(given, d)) return {};
  Yaml out;
  std::string text(given);
  for (int repairs = 0;; ++repairs) {
    auto read = attempt(text);
    if (!read.stopped) {
      add_all(read.mistakes, d);
      out.root = std::move(read.root);
      out.broken.merge(read.broken);
      return out;
    }
    auto hint = explain(*read.stopped, text);
    d.add(hint.at, hint.found, hint.expected);
    if (!hint.value_at || repairs == kMostRepairs) return out;
    blank_value(text, *hint.value_at);
    out.broken.insert(hint.at.line);
  }
}

}  // namespace davy::plan
