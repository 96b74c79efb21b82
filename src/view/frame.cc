// The live screen. What stands below the tree (traffic, numbers, verdict, question) keeps its place; the tree folds
// until all fits.
#include <fmt/format.h>

#include <algorithm>

#include "view/ink.h"
#include "view/outline.h"
#include "view/words.h"

namespace davy::view {
namespace {

using Rows = std::vector<std::string>;

std::string from_to(const RunView& v) { return v.previous.empty() ? v.version : v.previous + " → " + v.version; }

std::pair<std::string, Style> state_of(const RunView& v) {
  if (v.ending == run::Ending::done) return {"done", Style::good};
  if (v.ending == run::Ending::rolled_back || v.ending == run::Ending::replaced) return {word(*v.ending), Style::warn};
  if (v.ending) return {word(*v.ending), Style::bad};
  if (v.mode == run::Mode::held) return {"held", Style::warn};
  if (v.mode == run::Mode::retreat) return {v.stepping_back ? "stepping back" : "rolling back", Style::warn};
  if (v.mode == run::Mode::closing) return {"ending", Style::warn};
  return {"", Style::plain};
}

class Screen {
 public:
  Screen(const RunView& v, const Look& look, Time now, std::string_view judge)
      : v_(v), look_(look), now_(now), judge_(judge) {}

  Rows rows() const {
    auto out = Rows{header(), ""};
    Rows below;
    for (auto& one : v_.waits) paragraph(below, "waits for " + one, Style::warn, 2);
    if (v_.aside) paragraph(below, "stepped aside: " + v_.aside->says, Style::warn, 2);
    if (!v_.ended) traffic(below);
    if (v_.blind) out_of_sight(below);
    sentence(below);
    question(below);
    auto room = look_.height - static_cast<int>(out.size() + below.size());
    std::ranges::move(outline(v_, look_, std::max(room, 1), now_), std::back_inserter(out));
    std::ranges::move(below, std::back_inserter(out));
    auto most = static_cast<std::size_t>(std::max(look_.height, 1));
    if (out.size() > most) out.erase(out.begin() + 1, out.end() - static_cast<std::ptrdiff_t>(most - 1));
    return out;
  }

 private:
  std::string header() const {
    auto [state, style] = state_of(v_);
    Ink row(look_);
    row.add(services(v_.subjects) + " " + from_to(v_), Style::strong);
    if (!state.empty()) row.add("  ").add(state, style);
    auto length = took(v_.started, v_.ended.value_or(now_));
    if (row.used() + 1 + columns(length) > look_.width) length.clear();  // how it stands is worth more
    auto room = look_.width - columns(length) - 1;
    auto add_if_it_fits = [&](const std::string& text, Style how) {
      if (row.used() + columns(clean(text, look_.unicode)) <= room) row.add(text, how);
    };
    add_if_it_fits("  in " + v_.environment, Style::plain);
    add_if_it_fits("  run " + v_.id, Style::dim);
    if (!v_.who.empty()) add_if_it_fits(" by " + v_.who, Style::dim);
    if (!v_.why.empty()) add_if_it_fits(": " + v_.why, Style::dim);
    return row.right(length).str();
  }

  bool exposed() const { return v_.share > 0 || v_.candidate; }

  void traffic(Rows& out) const {
    if (v_.shares.empty() || (!exposed() && !v_.before)) return;
    out.push_back("");
    users(out);
    if (!v_.candidate && !v_.before) return;
    auto head =
        fmt::format("{:{}}{:>{}}{:>{}}{:>{}}", "", name(), "requests", number(), "errors", number(), "p95", number());
    out.push_back(Ink(look_).add(head, Style::dim).str());
    if (!v_.previous.empty()) out.push_back(numbers("previous", v_.previous, v_.before, false));
    out.push_back(numbers("candidate", v_.version, v_.candidate, worse()));
  }

  // A row for each service where they differ.
  void users(Rows& out) const {
    if (v_.closed) {
      Ink row(look_);
      row.add(padded("users", kLabel), Style::dim).add("see the maintenance page", Style::strong);
      return out.push_back(row.str());
    }
    auto& first = v_.shares.front();
    bool all = std::ranges::all_of(v_.shares, [&](auto& one) { return same(one, first); });
    for (auto& one : v_.shares) {
      Ink row(look_);
      auto& before = previous_of(one);
      auto own = fmt::format("{} on {}", percent(one.candidate), v_.version);
      auto rest = before.empty() ? "" : fmt::format(", {} on {}", percent(one.previous), before);
      if (!all) rest += "  " + one.service;
      row.add(padded("users", kLabel), Style::dim);
      if (auto width = bar_width(own + rest); width > 0)
        row.add(bar(one.candidate, width, look_.unicode), Style::busy).add("  ");
      row.add(own, Style::strong).add(rest, Style::dim);
      out.push_back(row.str());
      if (all) return;
    }
  }
  static bool same(const Share& a, const Share& b) { return a.candidate == b.candidate && a.previous == b.previous; }
  const std::string& previous_of(const Share& one) const {
    auto at = std::ranges::find(v_.subjects, one.service, &run::Subject::service);
    return at == v_.subjects.end() ? v_.previous : at->previous.version;
  }

  static constexpr int kLabel = 8;  // of "users"
  int number() const { return look_.width < 62 ? 10 : 13; }
  int name() const { return std::clamp(look_.width - 3 * number(), 8, 24); }  // of a release
  // The shares in words come first; a bar of less than four columns says nothing.
  int bar_width(const std::string& words) const {
    auto left = look_.width - kLabel - 2 - columns(clean(words, look_.unicode));
    return left < 4 ? 0 : std::min(left, std::clamp(look_.width - 50, 8, 48));
  }

  // Only a colour, never a verdict: clearly more errors than the previous release beside it.
  bool worse() const {
    return v_.candidate && v_.candidate->errors >= 3 &&
           v_.candidate->error_rate > 2 * (v_.before ? v_.before->error_rate : 0);
  }

  std::string numbers(std::string_view role, const std::string& version, const std::optional<Numbers>& n,
                      bool alarming) const {
    Ink row(look_);
    auto called = clean(fmt::format("{} {}", role, version), look_.unicode);
    if (columns(called) > name() - 1 && look_.width < 62) called = role;  // its version stands in the row above
    row.add(padded(called, name() - 1, look_.unicode)).add(" ");
    if (!n) return row.add("no requests", Style::dim).str();
    auto rate = n->requests_per_second;
    auto per_second =
        rate < 10 ? fmt::format("{:.1f}/s", rate) : thousands(static_cast<std::uint64_t>(rate + 0.5)) + "/s";
    row.add(fmt::format("{:>{}}", per_second, number()));
    row.add(fmt::format("{:>{}}", percent(n->error_rate), number()), alarming ? Style::bad : Style::plain);
    return row.add(fmt::format("{:>{}}", milliseconds(n->p95_ms), number())).str();
  }

  void paragraph(Rows& out, std::string_view text, Style style, std::size_t most) const {
    for (auto& row : wrapped(clean(text, look_.unicode), look_.width, most, look_.unicode))
      out.push_back(Ink(look_).add(row, style).str());
  }

  // The newest verdict, and what the judge says now while its word still counts.
  void sentence(Rows& out) const {
    if (v_.ended) return;
    if (!v_.verdicts.empty()) {
      auto& last = v_.verdicts.back();
      bool back = last.then == run::Consequence::roll_back;
      auto text = fmt::format("{} {}: {}", clock_text(last.at), back ? "roll back" : word(last.then), last.sentence);
      out.push_back("");
      paragraph(out, text, back ? Style::bad : Style::warn, 3);
    }
    bool counts = v_.mode == run::Mode::forward || v_.mode == run::Mode::held;
    if (judge_.empty() || !counts) return;
    if (v_.verdicts.empty()) out.push_back("");
    paragraph(out, judge_, Style::dim, 2);
  }

  void out_of_sight(Rows& out) const {
    out.push_back("");
    paragraph(out, fmt::format("not all is seen since {}: {}", clock_text(v_.blind->since), v_.blind->why), Style::warn,
              3);
  }

  void question(Rows& out) const {
    bool said = !v_.ended && !v_.verdicts.empty() && v_.question_or_sentence == v_.verdicts.back().sentence;
    if (!v_.question_or_sentence.empty() && (!said || v_.mode == run::Mode::held)) {
      out.push_back("");
      paragraph(out, said ? "held: a person must decide" : with_state(), state_of(v_).second, 4);
    }
    if (v_.next_command.empty()) return;
    if (out.empty() || v_.mode == run::Mode::forward) out.push_back("");
    for (auto& row : commands()) out.push_back(Ink(look_).add(row, Style::strong).str());
  }

  // As many in a row as fit. One that fits no row goes on in the next, as a shell reads it: it must be typed whole.
  Rows commands() const {
    Rows out;
    for (auto& one : v_.next) {
      auto together = out.empty() ? "  " + one : out.back() + "   or   " + one;
      if (columns(together) <= look_.width && !out.empty())
        out.back() = together;
      else
        for (auto& row : over_rows("  " + one)) out.push_back(row);
    }
    return out;
  }
  Rows over_rows(const std::string& command) const {
    if (columns(command) <= look_.width) return {command};
    auto rows = wrapped(command, look_.width - 2, 20, look_.unicode);
    for (std::size_t i = 0; i + 1 < rows.size(); ++i) rows[i] += " \\";
    return rows;
  }

  // "held by bob: …" says it already.
  std::string with_state() const {
    auto state = state_of(v_).first;
    return v_.question_or_sentence.starts_with(state) ? v_.question_or_sentence
                                                      : state + ": " + v_.question_or_sentence;
  }

  const RunView& v_;
  Look look_;
  Time now_;
  std::string_view judge_;
};

}  // namespace

std::vector<std::string> frame(const RunView& v, const Look& look, Time now, std::string_view judge_sentence) {
  auto kept = look;
  kept.width = std::max(look.width, 20);
  kept.height = std::max(look.height, 4);
  return Screen(v, kept, now, judge_sentence).rows();
}

}  // namespace davy::view
