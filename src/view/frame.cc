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
  if (v.ending == run::Ending::rolled_back) return {"rolled back", Style::warn};
  if (v.ending) return {word(*v.ending), Style::bad};
  if (v.mode == run::Mode::held) return {"held", Style::warn};
  if (v.mode == run::Mode::retreat) return {"rolling back", Style::warn};
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
    if (!v_.ended) traffic(below);
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
    row.add("  in " + v_.environment);
    row.add("  run " + v_.id + (v_.who.empty() ? "" : " by " + v_.who), Style::dim);
    return row.right(took(v_.started, v_.ended.value_or(now_))).str();
  }

  bool exposed() const { return v_.share > 0 || v_.candidate; }

  void traffic(Rows& out) const {
    if (!exposed() && !v_.before) return;
    out.push_back("");
    Ink row(look_);
    row.add(padded("users", kLabel), Style::dim).add(bar(v_.share, bar_width(), look_.unicode), Style::busy);
    row.add(fmt::format("  {} on {}", percent(v_.share), v_.version), Style::strong);
    if (!v_.previous.empty()) row.add(fmt::format(", {} on {}", percent(1 - v_.share), v_.previous), Style::dim);
    out.push_back(row.str());
    if (!v_.candidate && !v_.before) return;
    out.push_back(Ink(look_)
                      .add(fmt::format("{:{}}{:>12}{:>14}{:>12}", "", kName, "requests", "errors", "p95"), Style::dim)
                      .str());
    if (!v_.previous.empty()) out.push_back(numbers("previous", v_.previous, v_.before, false));
    out.push_back(numbers("candidate", v_.version, v_.candidate, worse()));
  }

  static constexpr int kLabel = 8;  // of "users"
  static constexpr int kName = 24;  // of a release
  int bar_width() const { return std::clamp(look_.width - 50, 8, 48); }

  // Only a colour, never a verdict: clearly more errors than the previous release beside it.
  bool worse() const {
    return v_.candidate && v_.candidate->errors >= 3 &&
           v_.candidate->error_rate > 2 * (v_.before ? v_.before->error_rate : 0);
  }

  std::string numbers(std::string_view role, const std::string& version, const std::optional<Numbers>& n,
                      bool alarming) const {
    Ink row(look_);
    row.add(padded(clean(fmt::format("{} {}", role, version), look_.unicode), kName - 1, look_.unicode));
    if (!n) return row.add(" no requests", Style::dim).str();
    auto per_second = n->requests_per_second < 10 ? fmt::format("{:.1f}", n->requests_per_second)
                                                  : thousands(static_cast<std::uint64_t>(n->requests_per_second + 0.5));
    row.add(fmt::format(" {:>12}", per_second + "/s"));
    row.add(fmt::format("{:>14}", percent(n->error_rate)), alarming ? Style::bad : Style::plain);
    return row.add(fmt::format("{:>12}", milliseconds(n->p95_ms))).str();
  }

  void paragraph(Rows& out, std::string_view text, Style style, std::size_t most) const {
    for (auto& row : wrapped(clean(text, look_.unicode), look_.width, most, look_.unicode))
      out.push_back(Ink(look_).add(row, style).str());
  }

  // What the judge says now; once it has spoken, its newest verdict.
  void sentence(Rows& out) const {
    if (!v_.verdicts.empty() && !v_.ended) {
      auto& last = v_.verdicts.back();
      bool back = last.then == run::Consequence::roll_back;
      out.push_back("");
      return paragraph(
          out, fmt::format("{} {}: {}", clock_text(last.at), back ? "roll back" : word(last.then), last.sentence),
          back ? Style::bad : Style::warn, 3);
    }
    if (judge_.empty() || v_.ended) return;
    out.push_back("");
    paragraph(out, judge_, Style::dim, 2);
  }

  void question(Rows& out) const {
    bool said = !v_.ended && !v_.verdicts.empty() && v_.question_or_sentence == v_.verdicts.back().sentence;
    auto [state, style] = state_of(v_);
    if (!v_.question_or_sentence.empty() && (!said || v_.mode == run::Mode::held)) {
      out.push_back("");
      auto text = said ? std::string("a person must decide") : v_.question_or_sentence;
      paragraph(out, (v_.ended ? word(*v_.ending) : state) + ": " + text, style, 4);
    }
    if (v_.next_command.empty()) return;
    if (out.empty() || v_.mode == run::Mode::forward) out.push_back("");
    out.push_back(Ink(look_).add("  " + v_.next_command, Style::strong).str());
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
