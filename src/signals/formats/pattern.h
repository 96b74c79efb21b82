// Log formats that are a row of fields with fixed text between them: nginx's log_format, Apache's LogFormat, and what
// somebody made up. A pattern is written as the server's own configuration has it:
//
//   $remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"
//   $request_time %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i" %D
//
// (nginx, ngx_http_log_module and "Alphabetical index of variables"; Apache, mod_log_config.) Both servers escape
// quotes inside of quotes, so the quotes of a line divide it into stretches: all are found at once, and only the
// stretches that hold something of interest are looked at. Inside a stretch a field ends where the text that follows it
// stands, and nothing may be left over at its end: fields that have shifted would be taken for others. `$_` at the end
// of a stretch is all that is left of it; in a pattern without quotes two blanks are one or more.
#pragma once
#include <string>
#include <vector>

#include "base/error.h"
#include "signals/formats/parts.h"
#include "signals/traffic/block.h"

namespace davy::signals {

class Pattern {
 public:
  // Invalid: no field, two fields without text between them, or no $status.
  static Result<Pattern> compile(std::string_view text, const FormatOptions& = {});

  // Lines without this text, that the pattern does not read, are no requests.
  void set_marker(std::string_view text) { marker_ = text; }

  Parsed parse(std::string_view, Request&, Want = Want::all) const;
  // The same of each of them; the marks are those of kDividers.
  static constexpr Dividers kDividers{.first = '"', .second = ' ', .listed = true};
  void parse(std::span<LineRead>, const Marks&, Recent&, Want) const;
  const std::string& text() const { return text_; }
  // A name that stands for nothing, and the one that was meant, probably; empty: there is none.
  std::pair<std::string, std::string> misspelt() const;
  // Which field says that, by its name in the pattern; empty: none does.
  std::string_view name_of(Part) const;
  bool operator==(const Pattern&) const = default;

 private:
  // A text of the pattern; up to eight bytes of it are compared at once.
  struct Literal {
    std::string text;
    std::uint64_t word = 0, mask = 0;
    void make();
    bool at(const char* begin, const char* end, const char* readable) const;
    bool operator==(const Literal&) const = default;
  };
  struct Piece {
    Part part = Part::skip;
    bool list = false;       // "a, b : c", without quotes around it
    bool may_go_on = false;  // behind the text that follows: a list, or what ends with a quote
    bool padded = false;     // "  " follows: any number of blanks
    bool to_last = false;    // " [" follows, as before a date: the last of its stretch, for users may have any name
    std::uint32_t bit = 0;   // of the part
    std::string name;
    Literal after;
    bool operator==(const Piece&) const = default;
  };
  // What stands between two quotes, or before the first or behind the last.
  struct Stretch {
    std::size_t index = 0;  // how many quotes stand before it
    std::uint32_t parts = 0;
    Literal before;
    bool open = false;  // what stands behind the last piece is passed over
    std::vector<Piece> pieces;
    bool operator==(const Stretch&) const = default;
  };
  static constexpr std::size_t kMostQuotes = 60;

  static Result<std::vector<Piece>> pieces_of(std::string_view text, std::string& before);
  static void choose(std::vector<Piece>&, const FormatOptions&);
  void divide(const std::vector<Piece>&, const std::string& before);
  // The quotes of a line, counted from `base`.
  struct Quotes {
    const char* base;
    std::span<const std::uint16_t> at;
  };
  static const char* end_of_field(const Piece&, const char* at, const char* end, const Marks&);
  Parsed parse_one(std::string_view, const Marks&, Request&, std::uint32_t wanted, TimeReader&, Quotes) const;
  template <bool kPadded>
  bool walk(const Stretch&, std::string_view text, const Marks&, Draft&, std::uint32_t wanted) const;
  bool by_quotes(std::string_view text, const Marks&, Draft&, std::uint32_t wanted) const;
  bool between(Quotes, std::string_view text, const Marks&, Draft&, std::uint32_t wanted) const;
  Quotes next_quotes(std::string_view line, const Marks&, std::size_t& next) const;

  std::string text_;
  std::vector<std::string> unknown_;  // names that stand for nothing
  std::vector<Stretch> stretches_;    // those with something in them
  std::size_t quotes_ = 0;            // that a line has; 0: they are text like any other
  bool open_ = false;                 // what follows the last quote is passed over, quotes and all
  bool upstream_ = false;             // it says which server had the request, if any
  std::string marker_;
  Duration zone_{};
};

}  // namespace davy::signals
