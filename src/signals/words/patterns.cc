// A block of lines is scanned whole, since a call for each line would cost more than the matching. Three things keep
// that the same as matching line by line:
//  - ^ and $ mean the lines' ends (HS_FLAG_MULTILINE); a pattern that speaks of the text's ends goes by line.
//  - Of the matches that one line has, the first is counted. Hyperscan reports matches roughly in order but does not
//    promise it, so the lines are kept, and sorted if they came out of order.
//  - A pattern that may match \n could reach into the next line: what it finds is asked again of that line alone.
#include "signals/words/patterns.h"

#include <fmt/format.h>
#include <re2/re2.h>
#include <re2/set.h>
#ifdef DAVY_HYPERSCAN
#include <hs/hs.h>
#endif

#include <algorithm>
#include <cstring>
#include <map>

#include "base/text.h"

namespace davy::signals {
namespace {

constexpr std::size_t kMostPatterns = 64, kLongestPattern = 4096;
[[maybe_unused]] constexpr std::size_t kBlock = 1 << 20;

RE2::Options options() {
  RE2::Options out;
  out.set_encoding(RE2::Options::EncodingLatin1);  // logs hold any bytes
  out.set_log_errors(false);
  return out;
}

bool is_name(std::string_view name) {
  auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !name.empty() && name.size() <= 64 && letter(name[0]) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

std::unexpected<Error> wrong(const NamedPattern& p, const std::string& what, const std::string& hint = "") {
  return fail(Code::invalid, fmt::format("the pattern {}: {}", printable(p.name.substr(0, 80)), what), hint);
}

// RE2 tells the piece that it stumbled over.
std::unexpected<Error> unreadable(const NamedPattern& p, const RE2& re) {
  auto at = p.text.find(re.error_arg());
  auto place = re.error_arg().empty() || at == p.text.npos ? "" : fmt::format(" at character {}", at + 1);
  return wrong(p, fmt::format("{}{}", printable(re.error()), place), "regular expressions are RE2's");
}

Result<> check(const NamedPattern& p) {
  if (!is_name(p.name)) return wrong(p, "that is no name", "letters, digits and _, beginning with a letter");
  if (p.text.size() > kLongestPattern) return wrong(p, fmt::format("longer than {} bytes", kLongestPattern));
  RE2 re(p.text, options());
  if (!re.ok()) return unreadable(p, re);
  if (RE2::PartialMatch("", re)) return wrong(p, "an empty line fits it, so every line would count");
  return {};
}

// How far a pattern can be trusted on a block of lines.
enum class Reach { one_line, may_pass_newline, whole_text };

// Conservative, by its text: only what certainly cannot match a newline is `one_line`.
[[maybe_unused]] Reach reach_of(std::string_view text) {
  auto out = Reach::one_line;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto rest = text.substr(i);
    auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x80) return Reach::whole_text;  // case of bytes above ASCII: the two differ
    if (c < 0x20 || rest.starts_with("[^") || rest.starts_with("[:")) out = Reach::may_pass_newline;
    if (rest.starts_with("(?") && !rest.starts_with("(?:") && !rest.starts_with("(?i)") && !rest.starts_with("(?i:"))
      return Reach::whole_text;
    if (c != '\\' || ++i == text.size()) continue;
    if (std::strchr("AzZpPQEC", text[i])) return Reach::whole_text;
    if (std::isalnum(static_cast<unsigned char>(text[i])) && !std::strchr("dwb", text[i]))
      out = Reach::may_pass_newline;
  }
  return out;
}

template <class F>
void each_line(std::string_view lines, F&& f) {
  while (!lines.empty()) {
    auto end = std::min(lines.find('\n'), lines.size());
    f(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
}

const std::vector<NamedPattern>& usual() {
  static const std::vector<NamedPattern> all = {
      {"AUTH_FAILURE",
       R"re((?i)\b(?:auth(?:entication|orization)?|log[io]n|sign[ -]?in)[ _-](?:has )?(?:fail|denied|rejected))re"
       R"re(|\bfailed[ _-](?:login|password|auth)|\binvalid (?:credentials|password|token|user)|\bbad credentials\b)re"
       R"re(|\bunauthori[sz]ed\b)re"},
      {"CACHE_MISS",
       R"re((?i)\bcache[ _-]?miss(?:es|ed)?\b|\bmiss(?:ed|ing)? (?:in|from) cache\b|\bcache(?:[_-]?status)?"?[=:] ?"?miss\b)re"},
      {"ERROR",
       R"re(\b(?:ERROR|FATAL|CRITICAL|SEVERE|PANIC|EMERG)\b|\[(?:[a-z0-9_]+:)?(?:error|crit|alert|emerg)\])re"
       R"re(|(?i:"(?:level|severity|lvl|levelname|log\.level)" ?: ?"(?:err|fatal|crit|severe|panic|alert|emerg)))re"
       R"re(|\b(?:level|severity|lvl)="?(?i:err|fatal|crit|panic|alert|emerg))re"},
      {"RATE_LIMIT",
       R"re((?i)\brate[ _-]?limit|\btoo many requests\b|\bthrottl(?:ed|ing)\b|\bquota (?:is )?exceeded\b)re"},
      {"SLOW_QUERY", R"re((?i)\bslow[ _-]?(?:query|sql|statement)|\bduration: [0-9]{4,}\.[0-9]+ ms|\bquery_time: )re"},
      {"WARN",
       R"re(\bWARN(?:ING)?\b|\[(?:[a-z0-9_]+:)?warn(?:ing)?\]|(?i:"(?:level|severity|lvl|levelname|log\.level)" ?: ?"warn))re"
       R"re(|\b(?:level|severity|lvl)="?(?i:warn))re"},
  };
  return all;
}

}  // namespace

std::span<const NamedPattern> usual_patterns() { return usual(); }

std::vector<NamedPattern> with_usual(const std::vector<NamedPattern>& own) {
  std::map<std::string, std::string> all;
  for (auto& one : usual()) all[one.name] = one.text;
  for (auto& one : own) all[one.name] = one.text;
  std::vector<NamedPattern> out;
  for (auto& [name, text] : all)
    if (!text.empty()) out.push_back({name, text});
  return out;
}

struct Patterns::Inside {
  std::vector<NamedPattern> all;
  std::vector<std::unique_ptr<RE2>> each;
  std::unique_ptr<RE2::Set> set;  // none: Hyperscan does it
  std::vector<int> hits;
#ifdef DAVY_HYPERSCAN
  struct Seen {  // of one pattern in one block
    bool again = false;
    std::size_t begin = 1, end = 0;    // of the line that was looked at last
    std::vector<std::size_t> counted;  // where such lines end
  };
  hs_database_t* database = nullptr;
  hs_scratch_t* scratch = nullptr;
  std::vector<Seen> seen;
  std::string_view block;

  ~Inside() {
    if (scratch) hs_free_scratch(scratch);
    if (database) hs_free_database(database);
  }

  // False: it does not take these patterns, RE2 does.
  bool compile() {
    std::vector<const char*> texts;
    std::vector<unsigned> flags(all.size(), HS_FLAG_MULTILINE), ids;
    for (auto& one : all) {
      auto reach = reach_of(one.text);
      if (reach == Reach::whole_text || one.text.contains('\0')) return false;
      seen.emplace_back().again = reach == Reach::may_pass_newline;
      texts.push_back(one.text.c_str());
      ids.push_back(static_cast<unsigned>(ids.size()));
    }
    hs_compile_error_t* error = nullptr;
    auto n = static_cast<unsigned>(all.size());
    if (hs_compile_multi(texts.data(), flags.data(), ids.data(), n, HS_MODE_BLOCK, nullptr, &database, &error) !=
        HS_SUCCESS)
      return hs_free_compile_error(error), database = nullptr, false;
    return hs_alloc_scratch(database, &scratch) == HS_SUCCESS;
  }

  void found(unsigned id, std::size_t to) {
    auto& s = seen[id];
    if (to == 0 || (to > s.begin && to <= s.end)) return;
    auto before = to < 2 ? block.npos : block.rfind('\n', to - 2);  // a match that ends with the \n is of its line
    s.begin = before == block.npos ? 0 : before + 1;
    s.end = std::min(block.find('\n', to - 1), block.size());
    if (s.again && !RE2::PartialMatch({block.data() + s.begin, s.end - s.begin}, *each[id])) return;
    s.counted.push_back(s.end);
  }

  static int on_match(unsigned id, unsigned long long, unsigned long long to, unsigned, void* self) {
    static_cast<Inside*>(self)->found(id, to);
    return 0;
  }

  bool scan(std::string_view text, std::span<std::uint64_t> counts) {
    block = text;
    for (auto& s : seen) s.begin = 1, s.end = 0, s.counted.clear();
    if (hs_scan(database, text.data(), static_cast<unsigned>(text.size()), 0, scratch, on_match, this) != HS_SUCCESS)
      return false;
    for (std::size_t i = 0; i < seen.size(); ++i) {
      auto& lines = seen[i].counted;
      if (!std::ranges::is_sorted(lines)) std::ranges::sort(lines);
      counts[i] += lines.size() - std::ranges::unique(lines).size();
    }
    return true;
  }
#endif

  bool fast() const { return !set; }

  Result<> prepare_by_line() {
    set = std::make_unique<RE2::Set>(options(), RE2::UNANCHORED);
    for (auto& one : all) set->Add(one.text, nullptr);
    if (!set->Compile()) return fail(Code::invalid, "the patterns are too large together", "fewer or simpler ones");
    return {};
  }

  // A set whose automaton outgrows its memory says so; then each is asked by itself.
  void line(std::string_view text, std::span<std::uint64_t> counts) {
    RE2::Set::ErrorInfo error{};
    hits.clear();
    if (set && (set->Match({text.data(), text.size()}, &hits, &error) || error.kind == RE2::Set::kNoError)) {
      for (auto i : hits) ++counts[static_cast<std::size_t>(i)];
      return;
    }
    for (std::size_t i = 0; i < each.size(); ++i)
      if (RE2::PartialMatch({text.data(), text.size()}, *each[i])) ++counts[i];
  }
};

Patterns::Patterns(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Patterns::Patterns(Patterns&&) noexcept = default;
Patterns& Patterns::operator=(Patterns&&) noexcept = default;
Patterns::~Patterns() = default;

Result<Patterns> Patterns::of(std::vector<NamedPattern> all, How how) {
  if (all.size() > kMostPatterns)
    return fail(Code::invalid, fmt::format("{} patterns; at most {}", all.size(), kMostPatterns));
  auto inside = std::make_unique<Inside>();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (auto checked = check(all[i]); !checked) return std::unexpected(checked.error());
    for (std::size_t k = 0; k < i; ++k)
      if (all[k].name == all[i].name) return wrong(all[i], "stands there twice");
    inside->each.push_back(std::make_unique<RE2>(all[i].text, options()));
  }
  inside->all = std::move(all);
#ifdef DAVY_HYPERSCAN
  if (how == How::fastest && !inside->all.empty() && inside->compile()) return Patterns(std::move(inside));
#else
  (void)how;
#endif
  if (auto prepared = inside->prepare_by_line(); !prepared) return std::unexpected(prepared.error());
  return Patterns(std::move(inside));
}

void Patterns::count(std::string_view lines, std::span<std::uint64_t> counts) {
  if (inside_->all.empty()) return;
#ifdef DAVY_HYPERSCAN
  while (inside_->fast() && !lines.empty()) {
    auto last = lines.size() <= kBlock ? lines.size() - 1 : lines.rfind('\n', kBlock - 1);
    if (last == lines.npos) last = std::min(lines.find('\n'), lines.size() - 1);  // one line longer than a block
    auto block = lines.substr(0, last + 1);
    if (block.size() > 0x7fffffff || !inside_->scan(block, counts)) break;
    lines.remove_prefix(block.size());
  }
#endif
  each_line(lines, [&](std::string_view line) { inside_->line(line, counts); });
}

const std::vector<NamedPattern>& Patterns::all() const { return inside_->all; }
std::string_view Patterns::engine() const { return inside_->fast() ? "Hyperscan" : "RE2"; }

}  // namespace davy::signals
