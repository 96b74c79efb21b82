// Lines of a log reduced to templates, on line: what changes from line to line is <*>, and lines of one template are
// counted together. After He, Zhu, Zheng and Lyu, "Drain: an online log parsing approach with fixed depth tree" (ICWS
// 2017): level and length, then a fixed word, then similarity. What differs from the paper stands in templates.cc.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "signals/words/app_line.h"

namespace davy::signals {

using Tokens = std::vector<std::string>;

// The words of a message with numbers, hex, UUIDs, addresses, dates and quoted strings as <*>; at most 40.
Tokens reduced(std::string_view message);

struct Entry {
  Level level = Level::none;
  Tokens tokens;
};

// A line as an entry; stack frames and other lines that belong to the one before are none.
std::optional<Entry> entry_of(const AppLine&);
std::optional<Entry> entry_of(std::string_view line);

struct Template {
  std::uint64_t id = 0;  // from 1, in the order of their first lines
  Level level = Level::none;
  Tokens tokens;
  std::uint64_t count = 0;
  std::uint32_t spare = 0;  // how many more fixed words may turn out to vary
  std::uint64_t last = 0;   // when it was seen: a count of lines
  std::string text() const;
};

// A bounded set of templates. Deterministic: the same lines in the same order give the same templates.
class Templates {
 public:
  explicit Templates(std::size_t most = 5000) : most_(most) {}

  // The template of this entry: a known one, perhaps made wider by it, or a new one. Those that were not seen for
  // longest make room.
  const Template& learn(const Entry&);
  // The one that `learn` would choose, or none.
  const Template* find(const Entry&) const;

  std::vector<const Template*> all() const;               // by id
  std::vector<const Template*> top(std::size_t n) const;  // most lines first
  std::size_t size() const { return templates_.size(); }
  std::uint64_t lines() const { return lines_; }
  std::uint64_t forgotten() const { return forgotten_; }  // templates that made room for others

  // As text, a line for each template, to be compared with days later; it holds no example lines.
  std::string write() const;
  // Invalid: which line is none. At most `most` templates, those with most lines.
  static Result<Templates> read(std::string_view text, std::size_t most = 5000);

 private:
  struct Fit {
    std::uint64_t id = 0;
    std::uint32_t cost = 0;
  };
  using Leaf = std::vector<std::uint64_t>;

  Fit best(const Entry&) const;
  void consider(const Leaf&, const Entry&, Fit&) const;
  void add(Template);
  void widen(Template&, const Tokens&);
  void forget();

  std::size_t most_;
  std::uint64_t lines_ = 0, next_ = 1, forgotten_ = 0;
  std::map<std::uint64_t, Template> templates_;
  std::unordered_map<std::string, Leaf> by_word_, by_length_;
  mutable std::unordered_map<std::string, std::uint64_t> exact_;  // whole entries seen before
};

}  // namespace davy::signals
