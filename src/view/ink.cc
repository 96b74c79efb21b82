#include "view/ink.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace davy::view {
namespace {

std::string_view sgr_of(Style s) {
  switch (s) {
    case Style::plain:
      return "";
    case Style::strong:
      return "1";
    case Style::dim:
      return "2";
    case Style::good:
      return "32";
    case Style::bad:
      return "1;31";
    case Style::busy:
      return "1;36";
    case Style::warn:
      return "1;33";
  }
  return "";
}

}  // namespace

Ink& Ink::add(std::string_view text, Style style) {
  auto safe = clean(text, look_.unicode);
  used_ += columns(safe);
  pieces_.push_back({std::move(safe), style});
  return *this;
}

Ink& Ink::gap(int to) {
  auto blanks = std::max(2, to - used_);
  used_ += blanks;
  pieces_.push_back({std::string(static_cast<std::size_t>(blanks), ' '), Style::plain});
  return *this;
}

Ink& Ink::right(std::string_view text, Style style) {
  right_ = {cut(clean(text, look_.unicode), look_.width, look_.unicode), style};
  return *this;
}

std::string Ink::painted(const Piece& p) const {
  auto sgr = look_.colour && !p.text.empty() ? sgr_of(p.style) : "";
  return sgr.empty() ? p.text : fmt::format("\x1b[{}m{}\x1b[0m", sgr, p.text);
}

std::string Ink::str() const {
  auto kept = columns(right_.text);
  auto room = look_.width - (kept > 0 ? kept + 1 : 0);
  std::string out;
  for (auto& piece : pieces_) {
    auto text = cut(piece.text, room, look_.unicode);
    room -= columns(text);
    out += painted({text, piece.style});
    if (text != piece.text) break;
  }
  if (kept == 0) {
    if (!look_.colour) out.resize(out.find_last_not_of(' ') + 1);
    return out;
  }
  return out + std::string(static_cast<std::size_t>(std::max(room, 0) + (kept < look_.width)), ' ') + painted(right_);
}

std::string mark_of(Status s, bool unicode) {
  switch (s) {
    case Status::waiting:
      return unicode ? "·" : ".";
    case Status::running:
      return unicode ? "▸" : ">";
    case Status::retrying:
      return unicode ? "↻" : "~";
    case Status::done:
      return unicode ? "✓" : "+";
    case Status::skipped:
      return unicode ? "–" : "-";
    case Status::failed:
      return unicode ? "✗" : "x";
    case Status::undoing:
      return unicode ? "◂" : "<";
    case Status::undone:
      return unicode ? "↩" : "u";
    case Status::not_needed:
      return " ";
  }
  return " ";
}

Style style_of(Status s) {
  switch (s) {
    case Status::running:
      return Style::busy;
    case Status::retrying:
    case Status::undoing:
    case Status::undone:
    case Status::skipped:
      return Style::warn;
    case Status::done:
      return Style::good;
    case Status::failed:
      return Style::bad;
    case Status::waiting:
    case Status::not_needed:
      return Style::dim;
  }
  return Style::plain;
}

std::string bar(double share, int width, bool unicode) {
  static constexpr std::string_view kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  share = std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0;
  auto eighths = static_cast<int>(std::lround(share * width * 8));
  if (share > 0) eighths = std::max(eighths, 1);  // a few per cent are users too
  if (!unicode) eighths = (eighths + 7) / 8 * 8;
  std::string out;
  for (int i = 0; i < eighths / 8; ++i) out += unicode ? "█" : "#";
  out += kEighths[eighths % 8];
  for (int i = (eighths + 7) / 8; i < width; ++i) out += unicode ? "░" : "-";
  return out;
}

}  // namespace davy::view
