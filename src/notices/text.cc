#include "notices/text.h"

#include <fmt/format.h>

namespace davy::notices {
namespace {

constexpr std::size_t kMost = 8 * 1024;

std::string_view default_text(Event what) {
  switch (what) {
    case Event::started:
      return "${service} ${version} is being deployed to ${environment} by ${who}, instead of ${previous}. It takes "
             "${duration}.";
    case Event::phase:
      return "${service} ${version} in ${environment}: ${phase} passed.";
    case Event::progress:
      return "${service} ${version} in ${environment}, after ${duration}: ${reason}.";
    case Event::asked:
      return "${service} ${version} in ${environment} waits for ${reason}";
    case Event::held:
      return "${service} ${version} in ${environment} is held, and a person must decide: ${reason}";
    case Event::done:
      return "${reason}, after ${duration}.";
    case Event::rolled_back:
    case Event::page:
    case Event::warn:
    case Event::note:
      return "${service} ${version} in ${environment}: ${reason}";
  }
  return "";
}

std::string word_of(Event what) {
  switch (what) {
    case Event::rolled_back:
      return "rolled back";
    case Event::page:
      return "people are needed";
    case Event::warn:
      return "warning";
    default:
      return word(what);
  }
}

// Cut at the beginning of a character.
std::string cut(std::string text) {
  if (text.size() <= kMost) return text;
  auto end = kMost;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + " …";
}

std::string value_of(const News& news, const std::string& name) {
  auto found = news.values.find(name);
  return found == news.values.end() ? "" : found->second;
}

// What Davy's own words cannot know before: a first release has no previous one, and who deploys need not say why.
std::string own_text(const News& news) {
  std::string text(default_text(news.what));
  if (!news.own.empty()) text = "${service} ${version} in ${environment}: " + news.own;
  if (value_of(news, "previous").empty())
    if (auto at = text.find(", instead of ${previous}"); at != text.npos) text.erase(at, 24);
  if (news.what == Event::started)
    for (auto name : {"why", "reason"})
      if (!value_of(news, name).empty()) text += fmt::format(" ${{{}}}.", name);
  return text + "\n\ndavy status ${run}";
}

}  // namespace

std::string filled(std::string_view text, const std::map<std::string, std::string>& values) {
  std::string out;
  while (!text.empty()) {
    auto dollar = std::min(text.find('$'), text.size());
    out += text.substr(0, dollar);
    text.remove_prefix(dollar);
    if (text.empty()) break;
    auto end = text.starts_with("${") ? text.find('}') : text.npos;
    auto value = end == text.npos ? values.end() : values.find(std::string(text.substr(2, end - 2)));
    std::size_t taken = value != values.end() ? end + 1 : text.starts_with("$$") ? 2 : 1;
    out += value != values.end() ? value->second : "$";
    text.remove_prefix(taken);
  }
  return out;
}

std::vector<std::string> others_in(std::string_view text, const std::map<std::string, std::string>& values) {
  std::vector<std::string> out;
  for (auto at = text.find("${"); at != text.npos; at = text.find("${", at + 2)) {
    auto end = text.find('}', at);
    if (end == text.npos) break;
    std::string name(text.substr(at + 2, end - at - 2));
    if (!values.contains(name)) out.push_back(std::move(name));
  }
  return out;
}

std::string subject_of(const News& news) {
  return printable(fmt::format("{} {} in {}: {}{}", value_of(news, "service"), value_of(news, "version"),
                               value_of(news, "environment"), news.own.empty() ? word_of(news.what) : news.own,
                               news.what == Event::phase ? " " + value_of(news, "phase") + " passed" : ""));
}

std::string text_of(const News& news, const std::string& of_the_plan) {
  return cut(printable(filled(of_the_plan.empty() ? own_text(news) : of_the_plan, news.values), true));
}

}  // namespace davy::notices
