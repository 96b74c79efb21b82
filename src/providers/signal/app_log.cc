#include "providers/signal/app_log.h"

#include <algorithm>
#include <mutex>

#include "providers/platform/process.h"

namespace davy::providers {
namespace {

// Of several readers' threads: what comes to one account, any of them hands over.
struct Account {
  explicit Account(signals::LineAccount lines) : lines(std::move(lines)) {}
  std::mutex mutex;
  signals::LineAccount lines;  // under the mutex
};

class Counting final : public ports::LineTaker {
 public:
  Counting(std::shared_ptr<Account> account, std::string label)
      : account_(std::move(account)), label_(std::move(label)) {}
  void line(std::string_view text, Time now) override {
    std::lock_guard lock(account_->mutex);
    account_->lines.line(text, now, label_);
  }
  judge::Window finish(Time from, Time to) override {
    std::lock_guard lock(account_->mutex);
    return account_->lines.finish(from, to);
  }

 private:
  std::shared_ptr<Account> account_;
  std::string label_;
};

// What a look that failed left comes with the next one.
judge::Window handed_over(judge::Window& counted) {
  auto out = std::exchange(counted, {});
  out.from = out.to = Time{};  // until now
  return out;
}

class LogLines final : public SteadySource {
 public:
  LogLines(std::unique_ptr<ports::LineReading> reading, ports::Outside& out)
      : SteadySource(out), reading_(std::move(reading)) {}

 private:
  ports::Task<judge::Window> read(std::optional<Time>) override {
    auto taken = reading_->take();
    counted_.merge(taken.window);
    if (!taken.gap.empty()) co_return fail(Code::unavailable, taken.gap);
    co_return handed_over(counted_);
  }

  std::unique_ptr<ports::LineReading> reading_;
  judge::Window counted_;
};

// The instances' own logs. One that is there at the first look is read from its end on, a younger one from its
// beginning: nothing that it says as it starts is missed. A dead one is read until it is forgotten: it may say why, and
// it may be started again.
class ServiceLines final : public SteadySource {
 public:
  ServiceLines(std::string service, std::shared_ptr<Account> account, ports::Outside& out)
      : SteadySource(out), service_(std::move(service)), account_(std::move(account)) {}

 private:
  using Instances = std::vector<ports::InstanceState>;

  ports::Task<judge::Window> read(std::optional<Time>) override {
    auto instances = co_await out_.instances.list(service_ + ".");
    if (!instances) co_return std::unexpected(instances.error());
    if (auto opened = open_new(*instances); !opened) co_return std::unexpected(opened.error());
    if (auto gap = take(*instances); !gap.empty()) co_return fail(Code::unavailable, gap);
    if (readings_.empty() && counted_.counts.empty())
      co_return fail(Code::unavailable, "no instance of " + service_ + " runs here", "a service on platform `process`");
    co_return handed_over(counted_);
  }

  Result<> open_new(const Instances& instances) {
    auto begin = std::exchange(begin_, ports::Begin::beginning);
    for (auto& one : instances) {
      auto label = release_of_key(one.key);
      if (one.log_path.empty() || label.empty() || readings_.contains(one.key)) continue;
      auto opened = open(one.log_path, label, begin);
      if (!opened) return std::unexpected(opened.error());
      readings_[one.key] = std::move(*opened);
    }
    return {};
  }

  // The first gap of an instance that lives.
  std::string take(const Instances& instances) {
    std::string gap;
    for (auto it = readings_.begin(); it != readings_.end();) {
      auto taken = it->second->take();
      counted_.merge(taken.window);
      auto now = std::ranges::find(instances, it->first, &ports::InstanceState::key);
      if (now != instances.end() && now->alive && gap.empty()) gap = taken.gap;
      it = now == instances.end() ? readings_.erase(it) : std::next(it);
    }
    return gap;
  }

  Result<std::unique_ptr<ports::LineReading>> open(const std::string& path, std::string label, ports::Begin begin) {
    return out_.logs->open({.place = {.what = path}, .begin = begin},
                           std::make_unique<Counting>(account_, std::move(label)));
  }

  std::string service_;
  std::shared_ptr<Account> account_;
  std::map<std::string, std::unique_ptr<ports::LineReading>> readings_;  // by the instance's key
  ports::Begin begin_ = ports::Begin::end;
  judge::Window counted_;
};

}  // namespace

std::vector<signals::NamedPattern> patterns_of(const std::map<std::string, std::string>& patterns) {
  std::vector<signals::NamedPattern> out;
  for (auto& [name, text] : patterns) out.push_back({name, text});
  return out;
}

Result<std::unique_ptr<ports::Source>> lines_source(LinesSignal o, ports::Outside& out, ports::Asking) {
  if (!out.logs) return fail(Code::invalid, "nobody here can read the lines of a log");
  auto lines = signals::LineAccount::of({patterns_of(o.patterns), o.only, o.release_by});
  if (!lines) return std::unexpected(lines.error());
  auto account = std::make_shared<Account>(std::move(*lines));
  if (!o.place.service.empty()) return std::make_unique<ServiceLines>(o.place.service, std::move(account), out);
  auto reading = out.logs->open({o.place.log, o.writers}, std::make_unique<Counting>(std::move(account), ""));
  if (!reading) return std::unexpected(reading.error());
  return std::make_unique<LogLines>(std::move(*reading), out);
}

static std::vector<std::string> fields_of(const LinesSignal& o) {
  std::vector<std::string> out{"lines", "errors", "new_errors", "quiet"};
  for (auto& pattern : signals::with_usual(patterns_of(o.patterns))) out.push_back(pattern.name);
  return out;
}

static std::optional<spec::Measured> measured(const LinesSignal&, std::string_view name) {
  using spec::Unit;
  return spec::Measured{name == "quiet" ? Unit::seconds : Unit::rate};  // how many, or how many a second
}

void add_lines_signal(ports::Registry& r) {
  r.source<LinesSignal>("lines", "An application's own log: named patterns, errors, error patterns that are new.",
                        "{ lines: /var/log/shop/app.log, patterns: { PAYMENT: \"payment .* refused\" } }", lines_source,
                        fields_of);
  r.measured<LinesSignal>("signal", "lines", measured);
}

}  // namespace davy::providers
