#include "signals/metrics/recorded_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace davy::signals {
namespace {

constexpr std::size_t kMostMoments = 11'000;  // of Prometheus (web/api/v1: "exceeded maximum resolution")
constexpr std::size_t kAnswer = 1024 * 1024;  // bytes that are aimed at; four times as many can be read
constexpr std::string_view kName = "__name__";

std::string label_of(const PromSeries& s, std::string_view name) {
  auto found = s.labels.find(std::string(name));
  return found == s.labels.end() ? "" : found->second;
}

// By job and instance Prometheus tells targets apart.
std::string address_of(const PromSeries& s) { return label_of(s, "job") + "/" + label_of(s, "instance"); }

Sample sample_of(const PromSeries& s, double value) {
  Sample out{.name = {}, .labels = {}, .value = value};
  for (auto& [name, is] : s.labels) name == kName ? void(out.name = is) : out.labels.push_back({name, is});
  return out;
}

void doubt(judge::Window& w, const std::string& why) {
  w.complete = false;
  if (w.gap.empty()) w.gap = why;
}

}  // namespace

std::optional<Stretch> Portions::next() {
  if (next_ > whole_.to) return {};
  auto most = whole_.step * static_cast<std::int64_t>(most_ - 1);
  now_ = {next_, std::min(next_ + most, whole_.to), whole_.step};
  next_ = now_.from + whole_.step * static_cast<std::int64_t>(now_.moments());
  return now_;
}

void Portions::answered(std::size_t bytes) {
  most_ = std::clamp<std::size_t>(kAnswer * now_.moments() / std::max<std::size_t>(bytes, 1), 1, kMostMoments);
}

RecordedMetrics::RecordedMetrics(ScrapeRules rules, std::string only)
    : account_(std::move(rules)), only_(std::move(only)) {}

std::string RecordedMetrics::query() const {
  return fmt::format("{{__name__=~\"{}\"{}{}}}", joined(account_.metrics(), "|"), only_.empty() ? "" : ",", only_);
}

void RecordedMetrics::see(const PromAnswer& answer, const Stretch& stretch) {
  auto moments = by_moment(answer);
  for (auto at = stretch.from; at <= stretch.to; at += stretch.step) {
    auto from = windows_.empty() ? at : windows_.back().to;
    auto found = moments.find(at);
    if (found != moments.end()) {
      look(found->second, from, at);
    } else {
      doubt(windows_.emplace_back(judge::Window{.from = from, .to = at}), "Prometheus has no numbers of this time");
    }
  }
}

void RecordedMetrics::look(const PromMoment& moment, Time from, Time to) {
  auto all = pages(moment);
  windows_.push_back(account_.look(all, from, to));
  for (auto& page : all) notice_absence(page.address);
}

// What it counted while it was away comes with its first numbers: more than belongs into that window.
void RecordedMetrics::notice_absence(const std::string& address) {
  auto now = windows_.size() - 1;
  auto [before, first] = seen_.emplace(address, now);
  auto last = first ? now : std::exchange(before->second, now);
  if (now - last <= 1) return;
  auto why = fmt::format("Prometheus has no numbers of {} from {} to {}", address, clock_text(windows_[last].to),
                         clock_text(windows_[now].to));
  for (auto i = last + 1; i <= now; ++i) doubt(windows_[i], why);
}

std::vector<RecordedPage> RecordedMetrics::pages(const PromMoment& moment) const {
  std::map<std::string, std::vector<Sample>> by_address;
  for (auto& [series, value] : moment) by_address[address_of(*series)].push_back(sample_of(*series, value));
  std::vector<RecordedPage> out;
  for (auto& [address, samples] : by_address) out.push_back({address, std::move(samples)});
  return out;
}

Result<> put_numbers(const PromAnswer& answer, const std::string& label, const std::string& signal,
                     const std::string& series, const spec::Measure& unit, const ReleaseMap& map,
                     std::vector<judge::Window>& windows) {
  for (auto& [at, moment] : by_moment(answer)) {
    auto window = std::ranges::lower_bound(windows, at, {}, &judge::Window::to);
    if (window == windows.end() || window->to != at) continue;
    auto numbers = numbers_by(moment, label);
    if (!numbers) return std::unexpected(numbers.error());
    judge::Window one;
    for (auto& [name, value] : *numbers)
      if (std::isfinite(value)) one.numbers[series][name] = *spec::in_base({value}, unit);
    map.take(one, signal, *window);
  }
  return {};
}

}  // namespace davy::signals
