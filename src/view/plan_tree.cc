// `davy plan`: the runbook for a person who is about to say yes to it.
#include <fmt/format.h>

#include <algorithm>

#include "judge/baselines.h"
#include "view/ink.h"
#include "view/tree.h"
#include "view/words.h"

namespace davy::view {
namespace {

class PlanTree {
 public:
  PlanTree(const run::Runbook& book, const Look& look) : book_(book), look_(look) {
    look_.width = std::max(look.width, 40);
  }

  std::string text() {
    header();
    section({}, false);
    section("after a rollback, newest first", true);
    rules();
    return std::move(out_);
  }

 private:
  void put(const Ink& row) { out_ += row.str() + "\n"; }
  Ink ink() const { return Ink(look_); }

  void header() {
    auto from = book_.subjects.empty() ? std::string() : book_.subjects.front().previous.version;
    auto row = ink();
    row.add(fmt::format("{} {}{}", services(book_.subjects), from.empty() ? "" : from + " → ", book_.version),
            Style::strong);
    row.add("  in " + book_.environment);
    if (book_.first_release())
      row.add("  first release: there is nothing to go back to", Style::warn);
    else if (auto fresh = first_of_theirs(); !fresh.empty())
      row.add("  first release of " + fresh + ": going back leaves nobody of it", Style::warn);
    auto all = book_.expected();
    put(row.right(all <= Duration{} ? "" : (book_.learned_from > 0 ? "about " : "at least ") + human(all)));
    out_ += "\n";
  }

  std::string first_of_theirs() const {
    auto fresh = book_.subjects;
    std::erase_if(fresh, [](auto& s) { return !s.previous.none(); });
    return services(fresh);
  }

  void section(std::string_view title, bool for_retreat) {
    std::vector<Place> places;
    steps_.clear();
    for (auto& s : book_.steps)
      if (retreat_only(s) == for_retreat && !(for_retreat && s.undo.call.brings_home()))
        places.push_back({s.path, s.says}), steps_.push_back(&s);
    if (for_retreat) std::ranges::reverse(places), std::ranges::reverse(steps_);
    if (steps_.empty()) return;
    if (!title.empty()) out_ += "\n", put(ink().add(title, Style::strong));
    for (auto& child : tree_of(places).children) draw(child, 0);
  }

  void draw(const Node& n, int depth) {
    auto row = ink();
    row.add(std::string(static_cast<std::size_t>(2 * depth), ' '));
    if (n.group()) {
      put(row.add(n.name, Style::strong));
      for (auto& child : n.children) draw(child, depth + 1);
      return;
    }
    auto& s = *steps_[static_cast<std::size_t>(n.step)];
    row.add(cut(clean(n.name, look_.unicode), look_.width / 2, look_.unicode)).gap(middle());
    row.add(in_words(s, n.name), Style::dim);
    put(row.right(s.expected > Duration{} ? "~" + human(s.expected) : ""));
    undo(s, depth);
  }

  int middle() const { return std::clamp(look_.width * 3 / 10, 16, 40); }

  std::string in_words(const run::Step& s, const std::string& name) const {
    auto out = beside(retreat_only(s) ? without_prefix(s.says) : s.says, name);
    auto add = [&](const std::string& more) { out += (out.empty() ? "" : "; ") + more; };
    if (s.tries > 1) add(fmt::format("{} tries", s.tries));
    if (s.optional) add("optional");
    if (s.on_trouble == run::Trouble::step_back) add("trouble: step back");
    if (s.on_trouble == run::Trouble::hold && s.call.port != "person") add("trouble: hold");
    return out;
  }
  void undo(const run::Step& s, int depth) {
    if (retreat_only(s) || s.undo.kind == run::UndoKind::nothing) return;
    auto row = ink();
    row.add(std::string(static_cast<std::size_t>(2 * depth + 2), ' '));
    if (s.undo.kind == run::UndoKind::impossible)
      row.add(
          look_.unicode ? "■ point of no return: cannot be taken back" : "! point of no return: cannot be taken back",
          Style::bad);
    else
      row.add(fmt::format("{} {}", mark_of(Status::undone, look_.unicode), undo_in_words(book_, s)), Style::dim);
    put(row);
  }

  void rules() {
    if (book_.rules.empty()) return;
    out_ += "\n";
    put(ink().add("judged from the candidate's first user on", Style::strong));
    for (auto& r : book_.rules) {
      rule(r.when.text, r.dry_run ? "dry run, nothing follows" : word(r.then));
      if (r.when.relative()) put(ink().add("  against " + judge::baseline_said(r.when, book_), Style::dim));
    }
    if (book_.first_release()) return;
    auto beside = "candidate against previous, " + percent(book_.alpha) + " false alarms";
    rule("count test", "roll-back: errors, " + beside);
    rule("4xx test", "hold: other answers, " + beside);
    for (auto& c : book_.compare)
      rule(c.series, fmt::format("{}: worse by more than {}, {}", word(c.then), human(c.by), beside));
    if (auto& p = book_.planned_looks)
      rule("planned looks", fmt::format("{}: errors at {} looks, {} apart, {} false alarms", word(p->then), p->looks,
                                        human(p->every), human(p->alpha)));
    if (auto& k = book_.kayenta)
      rule("kayenta", fmt::format("{}: a score below marginal, every {}; it must pass at a bake's end", word(k->then),
                                  human(k->interval)));
  }

  void rule(const std::string& name, const std::string& what) {
    put(ink().add(cut(clean(name, look_.unicode), look_.width / 2, look_.unicode)).gap(middle()).add(what, Style::dim));
  }

  const run::Runbook& book_;
  Look look_;
  std::vector<const run::Step*> steps_;
  std::string out_;
};

}  // namespace

std::string runbook_tree(const run::Runbook& book, const Look& look) { return PlanTree(book, look).text(); }

}  // namespace davy::view
