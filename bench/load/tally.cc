#include "tally.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace load {
namespace {

using nlohmann::json;

double millis(Clock::duration d) { return std::chrono::duration<double, std::milli>(d).count(); }

bool is_lost(Outcome o) { return o != Outcome::answered && o != Outcome::unsent && o != Outcome::abandoned; }

// By nearest rank. Sorts a copy's part only.
double quantile_ms(std::vector<std::uint32_t> micros, double q) {
  if (micros.empty()) return 0;
  const auto rank = static_cast<std::size_t>(std::max(0.0, std::ceil(q * static_cast<double>(micros.size())) - 1));
  std::ranges::nth_element(micros, micros.begin() + static_cast<std::ptrdiff_t>(rank));
  return micros[rank] / 1000.0;
}

}  // namespace

std::string_view name(Outcome outcome) {
  switch (outcome) {
    case Outcome::answered:
      return "answered";
    case Outcome::refused:
      return "refused";
    case Outcome::reset:
      return "reset";
    case Outcome::timed_out:
      return "timed_out";
    case Outcome::garbled:
      return "garbled";
    case Outcome::unsent:
      return "unsent";
    case Outcome::abandoned:
      return "abandoned";
  }
  std::unreachable();
}

Tally::Tally(const std::string& trace_file) : wants_trace_(!trace_file.empty()) {
  if (!wants_trace_) return;
  trace_.open(trace_file);
  trace_ << "# due_ms sent_ms done_ms status version method path client outcome retried   (times since 1970)\n";
}

void Tally::add(const Record& r) {
  ++requests_, ++requests_in_live_;
  ++outcomes_[r.outcome];
  retries_ += r.retried;
  last_ = std::max(last_, r.done);
  if (r.outcome == Outcome::answered) add_answer(r);
  if (is_lost(r.outcome)) {
    if (!first_lost_) first_lost_ = r.done;
    last_lost_ = r.done;
    ++lost_in_live_;
  }
  if (trace_.is_open()) trace(r);
}

void Tally::add_answer(const Record& r) {
  ++statuses_[r.status];
  clean_503_ += r.clean_503;
  auto& v = versions_[r.version];
  if (v.requests++ == 0) v.first = v.last = r.done;
  ++v.in_live;
  v.first = std::min(v.first, r.done);
  v.last = std::max(v.last, r.done);
  // From when it was due, not from when it was sent: a generator that waits for slow answers must not flatter them.
  v.micros.push_back(
      static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::microseconds>(r.done - r.due).count()));
  if (r.status < 500 || r.clean_503) return;
  ++v.errors, ++v.errors_in_live;
  if (!v.first_bad) v.first_bad = r.done;
}

void Tally::trace(const Record& r) {
  const auto wall = [&](Moment m) { return millis(wall_start_.time_since_epoch()) + millis(m - start_); };
  trace_ << fmt::format("{:.3f} {:.3f} {:.3f} {} {} {} {} {} {} {}\n", wall(r.due), wall(r.sent), wall(r.done),
                        r.status, r.version.empty() ? "-" : r.version, r.method, r.path, r.client, name(r.outcome),
                        r.retried ? 1 : 0);
}

std::string Tally::live_line() {
  std::string line =
      fmt::format("{:6.0f} s {:6} req/s", since_start(Clock::now()), std::exchange(requests_in_live_, 0));
  for (auto& [version, v] : versions_)
    if (const auto n = std::exchange(v.in_live, 0); n > 0)
      line += fmt::format("   {}: {} ({} bad)", version.empty() ? "no version" : version, n,
                          std::exchange(v.errors_in_live, 0));
  if (const auto lost = std::exchange(lost_in_live_, 0); lost > 0) line += fmt::format("   LOST {}", lost);
  return line;
}

double Tally::since_start(Moment m) const { return std::chrono::duration<double>(m - start_).count(); }

json Tally::summary_of(const Version& v) const {
  json out{{"requests", v.requests},
           {"5xx", v.errors},
           {"bad_answers_served", v.errors},
           {"p50_ms", quantile_ms(v.micros, 0.5)},
           {"p95_ms", quantile_ms(v.micros, 0.95)},
           {"p99_ms", quantile_ms(v.micros, 0.99)},
           {"first_answer_s", since_start(v.first)},
           {"last_answer_s", since_start(v.last)},
           {"first_bad_s", nullptr},
           {"first_bad_to_last_answer_s", nullptr}};
  if (v.first_bad) {
    out["first_bad_s"] = since_start(*v.first_bad);
    out["first_bad_to_last_answer_s"] = since_start(v.last) - since_start(*v.first_bad);
  }
  return out;
}

json Tally::summary() const {
  json lost{{"total", 0}}, versions = json::object(), statuses = json::object();
  std::uint64_t total = 0;
  for (const auto outcome : {Outcome::refused, Outcome::reset, Outcome::timed_out, Outcome::garbled}) {
    const auto n = outcomes_.contains(outcome) ? outcomes_.at(outcome) : 0;
    lost[std::string(name(outcome))] = n;
    total += n;
  }
  lost["total"] = total;
  lost["first_s"] = first_lost_ ? json(since_start(*first_lost_)) : json();
  lost["last_s"] = last_lost_ ? json(since_start(*last_lost_)) : json();
  for (const auto& [version, v] : versions_) versions[version.empty() ? "(none)" : version] = summary_of(v);
  for (const auto& [status, n] : statuses_) statuses[std::to_string(status)] = n;
  const auto count = [&](Outcome o) { return outcomes_.contains(o) ? outcomes_.at(o) : 0; };
  const double took = last_ == Moment{} ? 0 : since_start(last_);
  return {{"requests", requests_},
          {"answered", count(Outcome::answered)},
          {"lost", lost},
          {"unsent", count(Outcome::unsent)},
          {"abandoned", count(Outcome::abandoned)},
          {"clean_503", clean_503_},
          {"retries", retries_},
          {"seconds", took},
          {"rate", took > 0 ? static_cast<double>(requests_) / took : 0},
          {"statuses", statuses},
          {"versions", versions},
          {"started_at_ms", static_cast<std::int64_t>(millis(wall_start_.time_since_epoch()))}};
}

}  // namespace load
