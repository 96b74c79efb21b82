#include "analyze/app_logs.h"

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "analyze/input.h"
#include "base/text.h"

namespace davy::analyze {
namespace {

using Clock = std::chrono::steady_clock;
using view::AppLogsView;

constexpr std::size_t kHeld = 64 * 1024, kBlock = 1 << 20;  // bytes
constexpr Duration kTellEvery = std::chrono::milliseconds(200);

std::size_t index(Side side) { return static_cast<std::size_t>(side); }

bool fits(std::string_view name, std::string_view wanted) {
  if (!wanted.ends_with('*')) return name == wanted;
  return name.starts_with(wanted.substr(0, wanted.size() - 1));
}

// One log to its end, by whole lines; a line longer than the buffer is cut in pieces.
class Reading {
 public:
  Reading(Input& input, AppLogAccount& account) : input_(input), account_(account), buffer_(kBlock) {}

  // False: the end.
  Result<bool> next() {
    auto n = input_.read(buffer_.data() + held_, buffer_.size() - held_);
    if (!n) return std::unexpected(n.error());
    held_ += *n;
    auto last = *n == 0 ? nullptr : static_cast<const char*>(::memrchr(buffer_.data(), '\n', held_));
    auto whole = last ? static_cast<std::size_t>(last - buffer_.data()) + 1 : 0;
    if (*n == 0 || (!last && held_ == buffer_.size())) whole = held_;
    account_.block({buffer_.data(), whole});
    std::memmove(buffer_.data(), buffer_.data() + whole, held_ - whole);
    held_ -= whole;
    return *n > 0;
  }

 private:
  Input& input_;
  AppLogAccount& account_;
  std::vector<char> buffer_;
  std::size_t held_ = 0;
};

}  // namespace

AppLogAccount::AppLogAccount(signals::Patterns patterns, signals::LineLabel release, AppLogOptions options)
    : patterns_(std::move(patterns)), release_(std::move(release)), options_(std::move(options)) {
  for (auto& side : counts_) side.resize(patterns_.all().size());
}

Result<AppLogAccount> AppLogAccount::of(const AppLogOptions& options) {
  auto patterns = signals::Patterns::of(signals::with_usual(options.own));
  if (!patterns) return std::unexpected(patterns.error());
  auto release = signals::LineLabel::of(options.release_by, "--release");
  if (!release) return std::unexpected(release.error());
  return AppLogAccount(std::move(*patterns), std::move(*release), options);
}

Side AppLogAccount::side_of(std::string_view group) const {
  auto among = [&](const std::string& wanted) {
    return !wanted.empty() && std::ranges::any_of(split(wanted, ','), [&](auto one) { return fits(group, one); });
  };
  return among(options_.candidate) ? Side::candidate : among(options_.baseline) ? Side::baseline : Side::neither;
}

void AppLogAccount::begin(const std::string& log) {
  auto name = std::filesystem::path(log).filename().string();
  side_ = log_ = side_of(log) == Side::neither ? side_of(name) : side_of(log);
}

void AppLogAccount::block(std::string_view lines) {
  while (!lines.empty()) {
    auto end = std::min(lines.find('\n'), lines.size());
    line(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
}

// A stack belongs to the line before it.
void AppLogAccount::line(std::string_view text) {
  auto read = signals::read_app_line(text);
  if (release_.any() && !read.continues) side_ = side_of(release_.in(text));
  auto& held = held_[index(side_)];
  held.append(text).append(1, '\n');
  if (held.size() >= kHeld) count(side_);
  ++lines_[index(side_)];
  if (read.level == signals::Level::error && !read.continues) error(read, text);
}

void AppLogAccount::count(Side side) {
  patterns_.count(held_[index(side)], counts_[index(side)]);
  held_[index(side)].clear();
}

void AppLogAccount::error(const signals::AppLine& read, std::string_view text) {
  ++errors_[index(side_)];
  auto entry = signals::entry_of(read);
  if (!entry) return;
  auto& seen = seen_[templates_.learn(*entry).id];
  if (seen.example.empty() || (side_ == Side::candidate && seen.lines[index(side_)] == 0))
    seen.example = printable(text.substr(0, kLongestExample));
  ++seen.lines[index(side_)];
  if (seen_.size() > 2 * kMostPatterns) forget();
}

// Those that the templates forgot.
void AppLogAccount::forget() {
  std::map<std::uint64_t, Seen> kept;
  for (auto one : templates_.all())
    if (auto found = seen_.extract(one->id)) kept.insert(std::move(found));
  seen_ = std::move(kept);
}

std::vector<AppLogsView::Error> AppLogAccount::errors(bool news) const {
  std::vector<AppLogsView::Error> out;
  for (auto one : templates_.all()) {
    auto found = seen_.find(one->id);
    if (found == seen_.end()) continue;
    auto& lines = found->second.lines;
    if (news && (lines[index(Side::baseline)] > 0 || lines[index(Side::candidate)] == 0)) continue;
    out.push_back({one->text(), found->second.example, lines});
  }
  std::ranges::stable_sort(out, std::greater{}, [](auto& e) { return view::total(e.lines); });
  if (out.size() > kMostShown) out.resize(kMostShown);
  return out;
}

AppLogsView AppLogAccount::view() {
  for (auto side : {Side::neither, Side::baseline, Side::candidate}) count(side);
  AppLogsView out{.baseline = options_.baseline, .candidate = options_.candidate, .lines = lines_, .errors = errors_};
  for (std::size_t i = 0; i < patterns_.all().size(); ++i)
    out.patterns.push_back(
        {patterns_.all()[i].name, patterns_.all()[i].text, {counts_[0][i], counts_[1][i], counts_[2][i]}});
  if (out.compared()) out.news = errors(true);
  out.commonest = errors(false);
  return out;
}

Result<AppLogsView> lines_of(const std::vector<std::string>& logs, const AppLogOptions& options,
                             const std::function<void(const Progress&)>& progress) {
  auto account = AppLogAccount::of(options);
  if (!account) return std::unexpected(account.error());
  auto begun = Clock::now(), told = begun;
  std::uint64_t done = 0;
  for (auto& log : logs) {
    auto input = Input::open(log);
    if (!input) return std::unexpected(input.error());
    account->begin(log);
    Reading reading(*input, *account);
    for (bool more = true; more;) {
      auto read = reading.next();
      if (!read) return std::unexpected(read.error());
      more = *read;
      if (auto now = Clock::now(); progress && now - told >= kTellEvery)
        progress({done + input->taken(), 0, now - begun}), told = now;
    }
    done += input->taken();
  }
  return account->view();
}

}  // namespace davy::analyze
