#include "signals/words/line_account.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "spec/json.h"

namespace davy::signals {
namespace {

constexpr std::size_t kHeld = 64 * 1024;  // bytes that the patterns look at in one go
constexpr std::array<std::string_view, 8> kOwnNames = {"lines", "errors", "quiet", "new_errors",
                                                       "min",   "max",    "mean",  "baseline"};
const std::string kOthers = "(others)";

bool is_taken(std::string_view name) {
  bool quantile = name.size() > 1 && name[0] == 'p' &&
                  std::ranges::all_of(name.substr(1), [](char c) { return c >= '0' && c <= '9'; });
  return quantile || std::ranges::find(kOwnNames, name) != kOwnNames.end();
}

// As it is when it was written and read back: bytes that are not UTF-8 become U+FFFD there, and a pattern must not be
// news again for that.
std::string as_kept(std::string text) {
  if (std::ranges::all_of(text, [](char c) { return c > 0; })) return text;
  auto kept = spec::parse_json(spec::dump(spec::Json(text)));
  return kept && kept->is_string() ? kept->get<std::string>() : text;
}

}  // namespace

Result<LineAccount> LineAccount::of(const LineRules& rules) {
  for (auto& one : rules.own)
    if (is_taken(one.name))
      return fail(Code::invalid, "the pattern " + one.name + ": a condition reads something else by that name",
                  "another name, such as " + one.name + "_LINES");
  auto patterns = Patterns::of(with_usual(rules.own));
  if (!patterns) return std::unexpected(patterns.error());
  auto release = LineLabel::of(rules.release_by);
  if (!release) return std::unexpected(release.error());
  LineAccount out(std::move(*patterns), std::move(*release));
  out.only_ = rules.only;
  return out;
}

// A stack belongs to the line before it.
const std::string& LineAccount::label_of(std::string_view line, bool continues, const std::string& given) {
  if (release_.any() && continues) return newest_label_;
  newest_label_ = release_.any() ? release_.in(line) : given;
  if (!by_label_.contains(newest_label_) && by_label_.size() >= kMostLabels) newest_label_ = kOthers;
  return newest_label_;
}

LineAccount::Heard& LineAccount::heard(const std::string& label) {
  auto& out = by_label_[label];
  out.counts.resize(patterns_.all().size());
  return out;
}

void LineAccount::count(Heard& h) {
  patterns_.count(h.held, h.counts);
  h.held.clear();
}

void LineAccount::line(std::string_view text, Time now, const std::string& label_given) {
  if (!only_.empty() && !text.contains(only_)) return;
  auto read = read_app_line(text);
  auto& label = label_of(text, read.continues, label_given);
  auto& into = heard(label);
  into.held.append(text).append(1, '\n');
  if (into.held.size() >= kHeld) count(into);
  ++into.lines;
  if (read.level != Level::error || read.continues) return;
  ++into.errors, into.last_error = now;
  error(read, text, label);
}

// A log of ever new patterns: those that were not seen for longest make room in both.
void LineAccount::error(const AppLine& read, std::string_view line, const std::string& label) {
  auto entry = entry_of(read);
  if (!entry) return;
  auto& pattern = templates_.learn(*entry);
  auto id = pattern.id;
  if (!shown_.contains(id) && shown_.size() >= 2 * kMostTemplates)
    std::erase_if(shown_, [&](auto& one) { return one.first + kMostTemplates < id; });
  auto& shown = shown_[id];
  shown.text = as_kept(pattern.text());
  if (shown.example.empty()) shown.example = printable(line.substr(0, kLongestExample));
  if (shown.labels.insert(label).second) untold_.insert(id);
}

// With all who ever showed it: what the candidate says first may be an old tale of the release beside it.
void LineAccount::tell(std::uint64_t id, judge::Window& out) const {
  auto found = shown_.find(id);
  if (found == shown_.end()) return;
  auto& [text, example, labels] = found->second;
  for (auto& label : labels) out.shown["new_errors"][label].try_emplace(text, example);
}

judge::Window LineAccount::finish(Time from, Time to) {
  if (began_ == Time{}) began_ = told_ = from;
  judge::Window out{.from = from, .to = to};
  heard("");
  for (auto& [label, h] : by_label_) {
    count(h);
    out.counts["lines"][label] = std::exchange(h.lines, 0), out.counts["errors"][label] = std::exchange(h.errors, 0);
    out.counts["new_errors"][label] = 0;  // a judge adds what is news
    for (std::size_t i = 0; i < h.counts.size(); ++i)
      out.counts[patterns_.all()[i].name][label] = std::exchange(h.counts[i], 0);
    out.numbers["quiet"][label] = std::max(0.0, seconds(to - std::max(h.last_error, began_)));
  }
  if (to - told_ >= kTellAgain) {
    told_ = to;
    for (auto& [id, shown] : shown_) untold_.insert(id);
  }
  for (std::size_t n = 0; n < kMostTold && !untold_.empty(); ++n, untold_.erase(untold_.begin()))
    tell(*untold_.begin(), out);
  return out;
}

}  // namespace davy::signals
