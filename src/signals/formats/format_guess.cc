// What format a log is written in, told from some of its lines. Every candidate reads all of them; the one that reads
// most lines, and of those the one that gets most out of them, is it. Those who know their fields best come first: with
// as much read, the first stays.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "signals/formats/format.h"
#include "signals/formats/format_words.h"
#include "signals/formats/guessed_fields.h"
#include "signals/formats/known_formats.h"
#include "spec/json.h"

namespace davy::signals {
namespace {

using Lines = std::span<const std::string_view>;

constexpr std::uint64_t kOneLine = 1000;

// A method, also in small letters as hapi and Koa's loggers write it, and HAProxy's word for a request that it could
// not read; another small word is something else.
bool is_method(std::string_view text) {
  constexpr std::string_view kSmall[] = {"get",  "post",    "put",     "patch", "delete",
                                         "head", "options", "connect", "trace"};
  auto upper = [](char c) { return (c >= 'A' && c <= 'Z') || c == '-'; };
  return std::ranges::all_of(text, upper) || text.starts_with("<BADREQ>") ||
         std::ranges::find(kSmall, text) != std::end(kSmall);
}

bool plausible(const Request& line) { return (line.status == 0 || line.status >= 100) && is_method(line.method); }

// How much a format gets out of the lines: each line counts most, then what it says.
std::uint64_t worth(const Format& format, Lines lines) {
  std::uint64_t out = 0;
  for (auto text : lines) {
    Request line;
    if (format.parse(text, line) != Parsed::line || !plausible(line)) continue;
    out += kOneLine + line.end.has_value() + (line.latency > Duration{}) + !line.server.empty() + !line.path.empty() +
           !line.client.empty();
  }
  return out;
}

// Where the status ends in a line with `[date] "request" status`; npos: there is none.
std::size_t behind_status(std::string_view line) {
  auto request = line.find("] \"");
  if (request == line.npos) return line.npos;
  for (auto at = line.find("\" ", request + 3); at != line.npos; at = line.find("\" ", at + 1)) {
    auto status = line.substr(at + 2, 3);
    if (status.size() == 3 && status.find_first_not_of("0123456789") == line.npos &&
        (at + 5 == line.size() || line[at + 5] == ' '))
      return at + 5;
  }
  return line.npos;
}

// What may stand before the status.
std::vector<std::string> fronts(Lines lines, bool of_start) {
  std::vector<std::string> out;
  auto any = [&](char c) { return std::ranges::any_of(lines, [&](auto line) { return line.starts_with(c); }); };
  if (any('"')) out.emplace_back("\"$_\" $remote_addr - $remote_user ");
  out.emplace_back("$remote_addr - $remote_user ");
  out.emplace_back("$remote_addr $_ $remote_user ");
  if (any('[')) out.emplace_back("");
  for (auto& front : out) front += of_start ? R"([$start] "$request" $status)" : R"([$time_local] "$request" $status)";
  return out;
}

// The tails of lines of one shape, the commonest shapes first.
std::vector<std::vector<std::vector<TailField>>> shapes(Lines lines) {
  constexpr std::size_t kMost = 6;
  std::vector<std::vector<std::vector<TailField>>> out;
  for (auto line : lines) {
    auto at = behind_status(line);
    if (at == line.npos) continue;
    auto tail = fields_of(line.substr(at));
    auto same = std::ranges::find_if(out, [&](auto& shape) { return same_shape(shape[0], tail); });
    if (same != out.end())
      same->push_back(std::move(tail));
    else
      out.push_back({std::move(tail)});
  }
  std::ranges::sort(out, std::greater{}, [](auto& shape) { return shape.size(); });
  if (out.size() > kMost) out.resize(kMost);
  return out;
}

std::vector<std::string> unwrapped(Lines lines, Wrapping wrapping) {
  Unwrapper unwrapper(wrapping);
  std::vector<std::string> out;
  for (auto line : lines)
    if (auto text = unwrapper.line(line); text && !text->empty()) out.emplace_back(*text);
  return out;
}

// The first key whose value may be a status of HTTP, as the format names it: "response.status".
std::string likely_status(const spec::Json& json, const std::string& before, int deepest) {
  for (auto& [key, value] : json.items()) {
    if (value.is_number_integer() && value >= 100 && value < 600) return before + key;
    if (!value.is_object() || deepest == 0) continue;
    if (auto found = likely_status(value, before + key + ".", deepest - 1); !found.empty()) return found;
  }
  return {};
}

std::string why_no_json(std::string_view line) {
  auto json = spec::parse_json(line);
  auto key = json && json->is_object() ? likely_status(*json, "", 4) : std::string();
  return fmt::format("nothing in this JSON is known to say a status; {}name it: json:status={},latency=NAME:ms",
                     key.empty() ? "" : fmt::format("it may be `{}`; ", printable(key)), key.empty() ? "NAME" : key);
}

std::string why_not(Lines lines) {
  auto first = lines.empty() ? std::string_view{} : lines[0];
  if (first.find_first_of(std::string_view("\0\x01\x02\x03\x04\x05\x06\x0e\x0f", 9)) != first.npos)
    return "it is no text";
  if (trimmed(first).starts_with('{')) return why_no_json(first);
  if (std::ranges::any_of(lines, is_tcplog)) return "HAProxy's lines about connections (tcplog) say no status";
  if (std::ranges::any_of(lines, [](auto line) { return line.starts_with("#Fields:") && !line.contains("sc-status"); }))
    return "its #Fields name no status (sc-status)";
  return "say how its lines are built, with a pattern";
}

}  // namespace

class FormatGuesser {
 public:
  FormatGuesser(Lines lines, const FormatOptions& options, std::string_view only)
      : lines_(lines), options_(options), only_(only) {
    if (only.empty() || only == "haproxy") add("haproxy", "haproxy");
    w3c();
    json();
    add_known();
    common();
    pairs();
    choose();
  }

  std::uint64_t worth() const { return most_; }
  Format best() const {
    auto best = all_[best_];
    if (std::holds_alternative<JsonLog>(best.format.is_)) doubt_seconds(best);
    auto out = best.format;
    out.taken_for_ = out.said(lines_, best.name, best.doubt);
    return out;
  }
  bool is_haproxy() const { return most_ > 0 && all_[best_].name == "haproxy"; }

 private:
  struct Candidate {
    Format format;
    std::string name, doubt;
  };

  void add(const std::string& text, const std::string& name, const std::string& doubt = "",
           std::string_view marker = {}) {
    if (std::ranges::find(texts_, text) != texts_.end()) return;
    texts_.push_back(text);
    auto format = Format::from(text, options_);
    if (!format) return;
    if (auto pattern = std::get_if<Pattern>(&format->is_)) pattern->set_marker(marker);
    all_.push_back({std::move(*format), name, doubt});
  }

  bool wanted(std::string_view family) const { return only_.empty() || only_ == family; }
  bool any_has(std::span<const std::string_view> signs, std::string_view end) const {
    auto all_in = [&](auto line) {
      return std::ranges::all_of(signs, [&](auto sign) { return line.contains(std::string(sign) + std::string(end)); });
    };
    return std::ranges::any_of(lines_, all_in);
  }

  void w3c() {
    if (!wanted("w3c") && only_ != "iis" && only_ != "cloudfront") return;
    if (auto pattern = w3c_pattern(lines_); !pattern.empty()) add(pattern, "w3c");
  }

  void json() {
    if (!wanted("json") || std::ranges::none_of(lines_, [](auto line) { return trimmed(line).starts_with('{'); }))
      return;
    for (auto product :
         {"caddy", "traefik", "envoy", "pino", "ecs", "gcp", "kong", "cloudflare", "apigateway", "lograge"})
      if (any_has(JsonLog::sure_signs(product), "\""))
        add(fmt::format("json:{}", product), fmt::format("json:{}", product));
    add("json", "json");
  }

  void add_known() {
    if (wanted("traefik")) add("traefik", "traefik");
    for (auto& known : known_formats()) {
      bool named = only_ == known.family || (only_ == "w3c" && known.family == "iis");
      if (named || (only_.empty() && known.guessed))
        add(std::string(known.pattern), std::string(known.name), "", known.marker);
    }
  }

  // nginx, Apache, Tomcat, Jetty and all who write as they do.
  void common() {
    bool apache = only_ == "apache" || only_ == "tomcat" || only_ == "jetty";
    if (!wanted("nginx") && !apache) return;
    auto figures = only_ == "nginx"    ? Figures::of_nginx
                   : only_ == "apache" ? Figures::of_apache
                   : apache            ? Figures::of_java
                                       : Figures::of_anybody;
    for (auto& shape : shapes(lines_)) {
      auto tail = guess_tail(shape, figures);
      for (auto& front : fronts(lines_, tail.of_start)) add(front + tail.pattern, "", tail.doubt);
    }
    for (auto& front : fronts(lines_, apache))
      for (auto rest : {" $body_bytes_sent $_", " $body_bytes_sent", "", " $_"})
        add(front + rest, "", "what follows differs from line to line");
  }

  void pairs() {
    for (auto product : {"heroku", "lograge", "logfmt"})
      if (wanted(product) && (!only_.empty() || any_has(PairsLog::sure_signs(product), ""))) add(product, product);
  }

  // Seconds that nobody called so: of nginx, whose JSON others imitate, and of Caddy, which writes milliseconds on
  // demand.
  void doubt_seconds(Candidate& best) const {
    auto product = best.name == "json" ? std::string_view{} : std::string_view(best.name).substr(5);
    std::vector<Duration> all;
    for (auto text : lines_) {
      Request line;
      if (best.format.parse(text, line) == Parsed::line && line.latency > Duration{}) all.push_back(line.latency);
    }
    auto fields = fields_in(std::get<JsonLog>(best.format.is_), lines_);
    auto decimals = std::ranges::find(fields, Part::decimals, &JsonField::part);
    if (all.empty() || decimals == fields.end()) return;
    std::ranges::nth_element(all, all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2));
    if (all[all.size() / 2] < std::chrono::seconds(1)) return;
    auto names = JsonLog::usual(product);
    std::erase_if(names, [](auto& f) { return f.part == Part::decimals || f.part == Part::upstream_seconds; });
    auto without = JsonLog::of(std::move(names), options_);
    if (!without) return;
    best.format.is_ = std::move(*without);
    best.doubt = fmt::format(
        "half of `{0}` are one and more, so it may be seconds or milliseconds; write json:{1}{2}latency={0}:ms or :s",
        decimals->name, product, product.empty() ? "" : ",");
  }

  void choose() {
    for (std::size_t i = 0; i < all_.size(); ++i)
      if (auto one = signals::worth(all_[i].format, lines_); one > most_) most_ = one, best_ = i;
  }

  Lines lines_;
  const FormatOptions& options_;
  std::string_view only_;
  std::vector<std::string> texts_;
  std::vector<Candidate> all_;
  std::size_t best_ = 0;
  std::uint64_t most_ = 0;
};

Result<Format> Format::guess(Lines lines, const FormatOptions& options, std::string_view only) {
  std::vector<std::string_view> given;
  for (auto line : lines) {
    while (line.ends_with('\r') || line.ends_with('\n')) line.remove_suffix(1);
    if (!line.empty()) given.push_back(line);
  }
  auto wrapping = Wrapping::sure(given);
  auto bare = unwrapped(given, wrapping);
  std::vector<std::string_view> views(bare.begin(), bare.end());
  FormatGuesser guesser(views, options, only);
  auto out = guesser.worth() > 0 ? std::optional(guesser.best()) : std::nullopt;
  // A time or a header before each line may be the format's own; it is where the format makes more of it.
  auto likely = Wrapping::likely(views);
  auto without = likely.none() ? std::vector<std::string>{} : unwrapped(views, likely);
  std::vector<std::string_view> inner(without.begin(), without.end());
  if (!guesser.is_haproxy() && !inner.empty()) {
    FormatGuesser second(inner, options, only);
    bool no_less = second.worth() == guesser.worth() && !likely.has(Wrap::message);
    if (second.worth() > 0 && (second.worth() > guesser.worth() || no_less)) {
      out = second.best();
      wrapping.add(likely);
    }
  }
  if (!out)
    return fail(Code::invalid,
                fmt::format("the log's format cannot be told from its first lines{}{}; the first is `{}`: {}",
                            only.empty() ? "" : " as ", only,
                            printable(lines.empty() ? std::string_view{} : lines[0].substr(0, 200)), why_not(views)),
                std::string(kFormatsHint));
  out->wrapping_ = wrapping;
  if (!wrapping.none()) out->taken_for_ += fmt::format("; inside of {}", wrapping.said());
  return *std::move(out);
}

std::string Format::said(Lines lines, std::string_view name, std::string doubt) const {
  std::vector<JsonField> fields;
  if (auto pattern = std::get_if<Pattern>(&is_)) {
    fields = fields_in(*pattern);
  } else if (auto json = std::get_if<JsonLog>(&is_)) {
    fields = fields_in(*json, lines);
    if (doubt.empty()) doubt = why_no_latency(*json, lines, name);
  } else if (auto pairs = std::get_if<PairsLog>(&is_)) {
    fields = fields_in(*pairs, lines);
    if (doubt.empty()) doubt = why_no_latency(*pairs, lines, name);
  } else {
    return this->name();
  }
  if (server_segments_ > 0) fields.push_back({fmt::format("path:{}", server_segments_), Part::server});
  if (release_segments_ > 0) fields.push_back({fmt::format("path:{}", release_segments_), Part::release});
  auto out = format_said(name, fields, doubt);
  if (!release_by_.empty() && std::ranges::find(fields, Part::release, &JsonField::part) == fields.end())
    out += fmt::format("; no line has `{}`, which is to name the release", release_by_);
  return out;
}

std::string Format::found_in(Lines lines) const {
  std::vector<std::string> bare =
      wrapping_.none() ? std::vector<std::string>(lines.begin(), lines.end()) : unwrapped(lines, wrapping_);
  std::vector<std::string_view> views(bare.begin(), bare.end());
  auto pattern = std::get_if<Pattern>(&is_);
  auto out = said(views, pattern ? std::string() : name(), {});
  if (auto [wrong, meant] = pattern ? pattern->misspelt() : std::pair<std::string, std::string>(); !wrong.empty())
    out += fmt::format("; `${}` is no field that is known: is `${}` meant?", wrong, meant);
  return out;
}

bool Format::find_wrapping(Lines lines) {
  auto wrapping = Wrapping::sure(lines);
  if (wrapping.none()) return false;
  auto bare = unwrapped(lines, wrapping);
  std::vector<std::string_view> views(bare.begin(), bare.end());
  if (worth(*this, views) <= worth(*this, lines)) return false;
  wrapping_ = wrapping;
  return true;
}

bool Format::is_guessed(std::string_view text) { return text.find_first_of("$%:") == text.npos; }

}  // namespace davy::signals
