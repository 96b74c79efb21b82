#include "view/outline.h"

#include <fmt/format.h>

#include <algorithm>

#include "view/ink.h"
#include "view/tree.h"
#include "view/words.h"

namespace davy::view {
namespace {

struct Row {
  std::string text;
  Status status;
};

std::string pause_of(const RunView& v) {
  if (v.silent_since) return "nobody watches since " + clock_text(*v.silent_since);
  if (v.aside) return v.aside->until ? "no users until " + clock_text(*v.aside->until) : "no users while it is held";
  return v.blind ? "not all is seen since " + clock_text(v.blind->since) : "";
}

bool active(Status s) {
  return s == Status::running || s == Status::retrying || s == Status::undoing || s == Status::failed;
}

class Outline {
 public:
  Outline(const RunView& v, const Look& look, Time now)
      : look_(look),
        now_(now),
        pause_(pause_of(v)),
        stopping_(v.mode == run::Mode::retreat || v.mode == run::Mode::closing) {
    for (auto& s : v.steps)
      if (!s.retreat_only) steps_.push_back(&s);
    // What exists for a rollback only is of no interest before there is one, and comes last in it, newest first.
    for (auto it = v.steps.rbegin(); it != v.steps.rend(); ++it)
      if (it->retreat_only && it->status != Status::not_needed) steps_.push_back(&*it);
    std::vector<Place> places;
    for (auto* s : steps_) places.push_back({s->path, s->says});
    tree_ = tree_of(places);
    for (auto& child : tree_.children) fold_unneeded(child);
  }

  std::vector<std::string> lines(int room) {
    auto height = height_of(tree_) - 1;
    for (bool finished : {true, false})
      while (height > room)
        if (auto saved = fold_one(tree_, finished); saved > 0)
          height -= saved;
        else
          break;
    std::vector<Row> rows;
    for (auto& child : tree_.children) draw(child, 0, rows);
    return windowed(rows, static_cast<std::size_t>(std::max(room, 1)));
  }

 private:
  static int height_of(const Node& n) {
    if (!n.group() || n.folded) return 1;
    int out = 1;
    for (auto& child : n.children) out += height_of(child);
    return out;
  }
  const StepView& step(const Node& n) const { return *steps_[static_cast<std::size_t>(n.step)]; }

  // What stands for a group: the loudest of its steps.
  Status status_of(const Node& n) const {
    if (!n.group()) return step(n).status;
    int count[9] = {};
    each_step(n, [&](std::size_t i) { ++count[static_cast<int>(steps_[i]->status)]; });
    auto any = [&](Status s) { return count[static_cast<int>(s)] > 0; };
    for (auto s : {Status::undoing, Status::running, Status::retrying, Status::failed})
      if (any(s)) return s;
    if (any(Status::waiting)) return any(Status::done) ? Status::running : Status::waiting;
    for (auto s : {Status::undone, Status::done, Status::skipped})
      if (any(s)) return s;
    return Status::not_needed;
  }

  bool busy(const Node& n) const {
    bool out = false;
    each_step(n, [&](std::size_t i) { out |= active(steps_[i]->status); });
    return out;
  }

  // Folds the first finished group, or the last one that is still ahead, outermost first; answers the lines saved.
  int fold_one(Node& n, bool finished) {
    auto try_child = [&](Node& child) {
      if (!child.group() || child.folded) return 0;
      auto ahead = status_of(child) == Status::waiting;
      if (busy(child) || ahead == finished) return fold_one(child, finished);
      auto saved = height_of(child) - 1;
      child.folded = true;
      return saved;
    };
    if (finished) {
      for (auto& child : n.children)
        if (auto saved = try_child(child)) return saved;
    } else {
      for (auto it = n.children.rbegin(); it != n.children.rend(); ++it)
        if (auto saved = try_child(*it)) return saved;
    }
    return 0;
  }

  void draw(const Node& n, int depth, std::vector<Row>& out) const {
    auto status = status_of(n);
    if (!n.group()) return out.push_back({step_row(step(n), n.name, depth), status}), void();
    out.push_back({group_row(n, status, depth), n.folded ? status : Status::waiting});
    if (n.folded) return;
    for (auto& child : n.children) draw(child, depth + 1, out);
  }

  Ink begun(Status status, const std::string& name, int depth, Style style) const {
    Ink out(look_);
    out.add(std::string(static_cast<std::size_t>(2 * depth), ' '));
    out.add(mark_of(status, look_.unicode), style_of(status)).add(" ").add(name, style);
    return out;
  }

  std::string group_row(const Node& n, Status status, int depth) const {
    auto row = begun(status, n.name, depth, active(status) ? Style::strong : Style::plain);
    if (!n.folded) return row.str();
    std::size_t count = 0;
    std::optional<Time> from, to;
    each_step(n, [&](std::size_t i) {
      ++count;
      auto& s = *steps_[i];
      if (s.started && (!from || *s.started < *from)) from = s.started;
      if (s.ended && (!to || *s.ended > *to)) to = s.ended;
    });
    auto unneeded = status == Status::not_needed ? " not needed" : "";
    row.gap(middle()).add(fmt::format("{} step{}{}", count, count == 1 ? "" : "s", unneeded), Style::dim);
    return row.right(status == Status::waiting ? "" : took(from, to)).str();
  }

  // Where the second column begins.
  int middle() const { return std::clamp(look_.width * 3 / 10, 16, 40); }

  std::string step_row(const StepView& s, const std::string& name, int depth) const {
    bool quiet = s.status == Status::not_needed || s.status == Status::waiting;
    auto row = begun(s.status, cut_name(name), depth,
                     quiet              ? Style::dim
                     : active(s.status) ? Style::strong
                                        : Style::plain);
    if (look_.width >= 50) {
      row.gap(middle());
      if (counts_down(s))
        row.add(bar(seconds(s.watched) / seconds(s.length), 12, look_.unicode), Style::busy).add("  ");
      row.add(in_words(s, name), s.status == Status::failed ? Style::bad
                                 : active(s.status)         ? Style::plain
                                                            : Style::dim);
    }
    return row.right(time_of(s)).str();
  }

  std::string cut_name(const std::string& name) const {
    return cut(clean(name, look_.unicode), std::max(look_.width / 2, 12), look_.unicode);
  }

  std::string in_words(const StepView& s, const std::string& name) const {
    if (stopping(s)) return "is being stopped";
    auto says = beside(without_prefix(s.says), name);
    auto again = s.attempts > 1 ? fmt::format("attempt {}: ", s.attempts) : "";
    switch (s.status) {
      case Status::running:
        if (counts_down(s) && !pause_.empty()) return again + pause_;
        return again + (says.empty() ? s.says : says);
      case Status::undoing:
        return "taking back: " + s.undo;
      case Status::undone:
        return "taken back" + (s.result.empty() ? "" : ": " + s.result);
      case Status::retrying:
        return fmt::format("attempt {} failed, tries again: {}", tried(s), s.result);
      case Status::not_needed:
        return "";
      case Status::failed:
        return s.result.empty() ? "failed" : s.result;
      case Status::done:
      case Status::skipped:
        return s.result.empty() ? says : s.result;
      case Status::waiting:
        return away(s) ? "users taken away for a while" : says;
    }
    return says;
  }

  static bool away(const StepView& s) {
    return !s.tries.empty() && s.tries.back().way == run::Way::aside && s.tries.back().outcome == run::Outcome::ok;
  }

  // So many times in the direction in which it is being tried: an undo has attempts of its own.
  static std::ptrdiff_t tried(const StepView& s) {
    if (s.tries.empty()) return s.attempts;
    return std::ranges::count(s.tries, s.tries.back().way, &TryView::way);
  }

  std::string time_of(const StepView& s) const {
    if (counts_down(s)) return human_left(s.length - s.watched) + " left";
    if (active(s.status) && s.status != Status::failed)
      return s.tries.empty() ? "" : took(s.tries.back().started, s.tries.back().ended.value_or(now_));
    if (s.status == Status::waiting) return s.expected >= std::chrono::seconds(1) ? "~" + human(s.expected) : "";
    if ((s.status == Status::undone || s.retreat_only) && !s.tries.empty())
      return took(s.tries.back().started, s.tries.back().ended);
    return s.status == Status::not_needed ? "" : took(s.started, s.ended);
  }

  // A countdown that jitters in its last digit is read by nobody.
  static std::string human_left(Duration d) {
    return human(std::chrono::ceil<std::chrono::seconds>(std::max(d, Duration{})));
  }

  // Not even folded does it fit: the rows around what is going on, and how many more there are.
  std::vector<std::string> windowed(std::vector<Row>& rows, std::size_t room) const {
    std::vector<std::string> out;
    auto end = rows.size();
    if (end <= room) room = end;
    auto going = std::ranges::find_if(rows, [](auto& r) { return active(r.status); });
    if (going == rows.end()) going = std::ranges::find(rows, Status::waiting, &Row::status);
    auto at = std::min(static_cast<std::size_t>(going - rows.begin()), end - 1);
    bool counted = room < end && room >= 4;  // with less room no row goes for what is not there
    auto kept = counted ? room - 2 : room;
    auto before = counted ? kept / 3 : kept - 1;
    auto from = std::min(at > before ? at - before : 0, end - kept);
    if (counted && from > 0) out.push_back(more(from, "above"));
    for (auto i = from; i < from + kept; ++i) out.push_back(std::move(rows[i].text));
    if (counted && from + kept < end) out.push_back(more(end - from - kept, "below"));
    return out;
  }
  std::string more(std::size_t n, std::string_view where) const {
    return Ink(look_).add(fmt::format("… {} more {}", n, where), Style::dim).str();
  }

  bool counts_down(const StepView& s) const {
    return s.status == Status::running && s.length > Duration{} && !stopping(s);
  }
  // In a retreat what goes forward is on its way to be stopped.
  bool stopping(const StepView& s) const {
    return stopping_ && s.status == Status::running && s.tries.back().way == run::Way::apply;
  }

  // A rollback leaves much undone that is not worth a line each.
  void fold_unneeded(Node& n) {
    n.folded = n.group() && status_of(n) == Status::not_needed;
    for (auto& child : n.children) fold_unneeded(child);
  }

  Look look_;
  Time now_;
  std::string pause_;  // why no bake counts on; empty: it does
  bool stopping_;
  std::vector<const StepView*> steps_;
  Node tree_;
};

}  // namespace

std::vector<std::string> outline(const RunView& v, const Look& look, int room, Time now) {
  return Outline(v, look, now).lines(room);
}

}  // namespace davy::view
