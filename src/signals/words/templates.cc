// What differs from the paper, and why:
//  - A line is looked for among those with the same first fixed word, and if none is like it among all of its length:
//    a first word that varies ("alice: denied") would otherwise make a template of every user.
//  - Similarity is not a share of equal words. A template may lose a third of the fixed words that it began with, over
//    all of its life: with a share that is asked anew each time, templates drift until they fit everything, and news
//    would be lost in them.
//  - key=value is two words: other values of a key cost nothing, since they are what varies in such logs, except those
//    of keys that say what happened (error=timeout). Names of exceptions never vary.
#include "signals/words/templates.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace davy::signals {
namespace {

constexpr std::string_view kAny = "<*>", kHeader = "davy log templates 1";
constexpr std::uint32_t kTooDear = 1000;
constexpr std::size_t kMostExact = 20'000, kMostRead = 16 << 20, kLongestWritten = 8000;

bool has_letter(std::string_view token) {
  return std::ranges::any_of(token, [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c < 0; });
}
bool fixed(std::string_view token) { return token != kAny && has_letter(token); }

std::string_view without_end(std::string_view token) {
  while (!token.empty() && std::string_view(":,;.)]}>").contains(token.back())) token.remove_suffix(1);
  return token;
}
bool is_exception(std::string_view token) {
  token = without_end(token);
  return token.size() > 5 && (token.ends_with("Error") || token.ends_with("Exception"));
}

// "user=" of "user=alice"; empty where there is none.
std::string_view key_of(std::string_view token) {
  auto at = token.find('=');
  return at == token.npos || at == 0 ? std::string_view() : token.substr(0, at + 1);
}
bool tells_what_happened(std::string_view key) {
  constexpr std::array<std::string_view, 12> kKeys = {"err=",  "error=", "reason=", "cause=", "exception=", "event=",
                                                      "type=", "kind=",  "status=", "state=", "code=",      "result="};
  return std::ranges::find(kKeys, key) != kKeys.end();
}

// What it costs that a word stands where the template has another one.
std::uint32_t cost(std::string_view known, std::string_view token) {
  if (known == kAny || known == token) return 0;
  if (is_exception(known) || is_exception(token)) return kTooDear;
  auto key = key_of(known);
  if (key != key_of(token)) return kTooDear;
  if (key.empty()) return 1;
  return tells_what_happened(key) && !known.ends_with(kAny) ? kTooDear : 0;
}

std::uint32_t spare_of(const Tokens& tokens) {
  return static_cast<std::uint32_t>(std::ranges::count_if(tokens, fixed)) / 3;
}

std::string whole(const Entry& e) {
  std::string out(1, static_cast<char>('0' + static_cast<int>(e.level)));
  for (auto& token : e.tokens) out.append(1, '\n').append(token);
  return out;
}
std::string length_key(Level level, const Tokens& tokens) {
  return fmt::format("{}{}", static_cast<int>(level), tokens.size());
}
std::string word_key(Level level, const Tokens& tokens) {
  auto first = std::ranges::find_if(tokens, fixed);
  return length_key(level, tokens) + " " + (first == tokens.end() ? "" : *first);
}

bool number(std::string_view text, std::uint64_t& out) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

}  // namespace

std::string Template::text() const { return joined(tokens, " "); }

std::optional<Entry> entry_of(const AppLine& read) {
  if (read.continues) return {};
  Entry out{read.level, reduced(read.message)};
  if (out.tokens.empty()) return {};
  return out;
}

std::optional<Entry> entry_of(std::string_view text) { return entry_of(read_app_line(text)); }

const Template& Templates::learn(const Entry& e) {
  ++lines_;
  if (auto known = find(e)) {
    auto& found = templates_.at(known->id);
    ++found.count, found.last = lines_;
    widen(found, e.tokens);
    return found;
  }
  auto id = next_;
  add({.level = e.level, .tokens = e.tokens, .count = 1, .spare = spare_of(e.tokens), .last = lines_});
  if (templates_.size() > most_ + most_ / 8) forget();
  return templates_.at(id);
}

const Template* Templates::find(const Entry& e) const {
  auto name = whole(e);
  if (auto known = exact_.find(name); known != exact_.end())
    if (auto found = templates_.find(known->second); found != templates_.end()) return &found->second;
  auto fit = best(e);
  if (fit.id == 0) return nullptr;
  if (exact_.size() >= kMostExact) exact_.clear();
  exact_[std::move(name)] = fit.id;
  return &templates_.at(fit.id);
}

Templates::Fit Templates::best(const Entry& e) const {
  Fit out;
  if (auto leaf = by_word_.find(word_key(e.level, e.tokens)); leaf != by_word_.end()) consider(leaf->second, e, out);
  if (out.id != 0) return out;
  if (auto leaf = by_length_.find(length_key(e.level, e.tokens)); leaf != by_length_.end())
    consider(leaf->second, e, out);
  return out;
}

void Templates::consider(const Leaf& leaf, const Entry& e, Fit& out) const {
  for (auto id : leaf) {
    auto& one = templates_.at(id);
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < e.tokens.size() && sum <= one.spare; ++i) sum += cost(one.tokens[i], e.tokens[i]);
    if (sum <= one.spare && (out.id == 0 || sum < out.cost)) out = {id, sum};
  }
}

void Templates::widen(Template& one, const Tokens& tokens) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    auto& known = one.tokens[i];
    if (known == kAny || known == tokens[i]) continue;
    one.spare -= std::min(one.spare, cost(known, tokens[i]));
    auto key = key_of(known);
    known = !key.empty() && key == key_of(tokens[i]) ? std::string(key) + std::string(kAny) : std::string(kAny);
  }
}

void Templates::add(Template one) {
  one.id = next_++;
  by_word_[word_key(one.level, one.tokens)].push_back(one.id);
  by_length_[length_key(one.level, one.tokens)].push_back(one.id);
  templates_.emplace(one.id, std::move(one));
}

// An eighth at once, so that it costs little for each.
void Templates::forget() {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ages;
  for (auto& [id, one] : templates_) ages.emplace_back(one.last, id);
  std::ranges::sort(ages);
  for (std::size_t i = 0; i + most_ < ages.size(); ++i) templates_.erase(ages[i].second), ++forgotten_;
  auto gone = [this](std::uint64_t id) { return !templates_.contains(id); };
  for (auto leaves : {&by_word_, &by_length_}) {
    for (auto& [key, leaf] : *leaves) std::erase_if(leaf, gone);
    std::erase_if(*leaves, [](auto& leaf) { return leaf.second.empty(); });
  }
  exact_.clear();
}

std::vector<const Template*> Templates::all() const {
  std::vector<const Template*> out;
  for (auto& [id, one] : templates_) out.push_back(&one);
  return out;
}

std::vector<const Template*> Templates::top(std::size_t n) const {
  auto out = all();
  std::ranges::sort(out, [](auto a, auto b) { return a->count != b->count ? a->count > b->count : a->id < b->id; });
  if (out.size() > n) out.resize(n);
  return out;
}

std::string Templates::write() const {
  auto out = fmt::format("{}\n", kHeader);
  for (auto one : all()) out += fmt::format("{} {} {} {}\n", name_of(one->level), one->count, one->spare, one->text());
  return out;
}

Result<Templates> Templates::read(std::string_view text, std::size_t most) {
  if (text.size() > kMostRead) return fail(Code::invalid, "templates of more than 16 MiB");
  Templates out(most);
  std::size_t n = 0;
  for (auto line : split(text, '\n')) {
    if (++n == 1 && line != kHeader) return fail(Code::invalid, fmt::format("it does not begin with `{}`", kHeader));
    if (n == 1 || line.empty()) continue;
    auto words = split(line, ' ');
    Template one;
    std::uint64_t spare = 0;
    auto level = words.size() < 4 ? 5 : 0;
    while (level < 5 && name_of(static_cast<Level>(level)) != words[0]) ++level;
    if (level == 5 || !number(words[1], one.count) || !number(words[2], spare) || line.size() > kLongestWritten)
      return fail(Code::invalid, fmt::format("line {} is no template: {}", n, printable(line.substr(0, 80))));
    one.level = static_cast<Level>(level);
    for (std::size_t i = 3; i < words.size(); ++i)
      if (!words[i].empty()) one.tokens.emplace_back(words[i]);
    one.spare = static_cast<std::uint32_t>(std::min<std::uint64_t>(spare, one.tokens.size()));
    one.last = one.count;  // where there are too many, those with most lines stay
    out.lines_ += std::min<std::uint64_t>(one.count, 1ull << 40);
    out.add(std::move(one));
    if (out.size() > most + most / 8) out.forget();
  }
  if (n == 0) return fail(Code::invalid, "no templates: it is empty");
  return out;
}

}  // namespace davy::signals
