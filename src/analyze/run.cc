#include "analyze/run.h"

#include <fmt/format.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>

#include "analyze/input.h"

namespace davy::analyze {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBlock =
    256 * 1024;  // fits the second cache, so that what was read is still there when looked at; also the longest line
constexpr std::ptrdiff_t kMostGuessed = 50;  // lines

std::vector<std::string_view> first_lines(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty() && std::ssize(out) < kMostGuessed) {
    auto end = std::min(text.find('\n'), text.size());
    if (end > 0) out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

// Where nothing can be guessed from an empty log, any format will do.
Result<signals::Format> format_of(std::string_view text, const RunOptions& options) {
  auto lines = first_lines(text);
  if (!signals::Format::is_guessed(options.format)) {
    auto out = signals::Format::from(options.format, options.fields);
    if (out) out->find_wrapping(lines);
    return out;
  }
  if (auto right = signals::Format::from(options.format.empty() ? "haproxy" : options.format, {}); !right) return right;
  if (lines.empty()) return signals::Format::from(options.format.empty() ? "haproxy" : options.format, {});
  return signals::Format::guess(lines, options.fields, options.format);
}

// One log from its beginning to its end: whole lines to the account, what is left of the last one before the next
// block.
class Reading {
 public:
  Reading(Input input, const RunOptions& options, std::atomic<std::uint64_t>& done, std::atomic<bool>& stop)
      : input_(std::move(input)), options_(options), done_(done), stop_(stop) {}

  Result<> run() {
    for (;;) {
      auto n = fill();
      if (!n) return std::unexpected(n.error());
      std::string_view text(block() - held_, held_ + *n);
      if (auto made = begin(text, *n == 0); !made) return made;
      if (stop_ && *n > 0) return fail(Code::cancelled, "stopped");
      if (*n == 0) return finish(text);
      hold(account_ ? take_lines(text) : text);
    }
  }

  Account& account() { return *account_; }
  Read read() const {
    return {input_.name(),  account_->format().name(), found_,
            input_.taken(), account_->counted(),       account_->first_broken()};
  }

 private:
  // Whole pages of the file come to whole pages of memory: the kernel copies three times slower to a place that lies a
  // few bytes behind the file's own in its page. What is left of the block before stands in front.
  struct alignas(4096) Page {
    char bytes[4096];
  };
  char* block() { return pages_[kBlock / sizeof(Page)].bytes; }

  Result<std::size_t> fill() {
    auto before = input_.taken();
    auto n = input_.read(block(), kBlock);
    done_ += input_.taken() - before;
    return n;
  }

  // A pipe hands over a few bytes at first: the format is told once a block is full, or at the end.
  Result<> begin(std::string_view text, bool ended) {
    if (account_ || (!ended && text.size() < kBlock / 2 && std::ranges::count(text, '\n') < kMostGuessed)) return {};
    auto format = format_of(text, options_);
    if (!format) {
      auto error = format.error();
      error.message = fmt::format("{}: {}", input_.name(), error.message);
      return std::unexpected(std::move(error));
    }
    found_ = signals::Format::is_guessed(options_.format) ? format->taken_for() : format->found_in(first_lines(text));
    if (!format->wrapping().none()) unwrapper_.emplace(format->wrapping());
    account_.emplace(std::move(*format), options_.account);
    return {};
  }

  // Answers what is left of them: the beginning of a line.
  std::string_view take_lines(std::string_view text) {
    auto last = static_cast<const char*>(::memrchr(text.data(), '\n', text.size()));
    if (!last) return text;
    auto whole = text.substr(0, static_cast<std::size_t>(last - text.data()) + 1);
    auto left = text.substr(whole.size());
    if (auto first = whole.find('\n'); skipping_ || first > kBlock) {
      too_long(whole);
      whole.remove_prefix(first + 1);
      skipping_ = false;
    }
    account_->block(bare(whole));
    return left;
  }

  void hold(std::string_view left) {
    if (left.size() > kBlock) too_long(left);
    held_ = skipping_ ? 0 : left.size();
    std::memmove(block() - held_, left.data(), held_);
  }

  // A line longer than a block is broken, and passed over until its end.
  void too_long(std::string_view begin) {
    if (!std::exchange(skipping_, true)) account_->too_long(begin);
  }

  Result<> finish(std::string_view left) {
    if (!left.empty()) account_->block(bare(left));
    return {};
  }

  // The lines without what stands around them. Of one that goes on in the next an empty line stays: lines are counted.
  std::string_view bare(std::string_view block) {
    if (!unwrapper_) return block;
    bare_.clear();
    while (!block.empty()) {
      auto end = std::min(block.find('\n'), block.size());
      bare_ += unwrapper_->line(block.substr(0, end)).value_or("");
      bare_ += '\n';
      block.remove_prefix(std::min(end + 1, block.size()));
    }
    return bare_;
  }

  Input input_;
  const RunOptions& options_;
  std::atomic<std::uint64_t>& done_;
  std::atomic<bool>& stop_;
  std::unique_ptr<Page[]> pages_ = std::make_unique_for_overwrite<Page[]>(2 * kBlock / sizeof(Page));
  std::size_t held_ = 0;  // in front of the block
  bool skipping_ = false;
  std::optional<signals::Unwrapper> unwrapper_;
  std::string bare_, found_;
  std::optional<Account> account_;
};

struct Shared {
  std::vector<Input> inputs;
  std::vector<Read> reads;
  std::mutex mutex;
  std::condition_variable ended;
  std::size_t next = 0, running = 0;  // under the mutex, as all below
  std::optional<Error> error;         // the first one
  std::optional<Account> total;
  std::atomic<std::uint64_t> done{0};  // not this one
  std::atomic<bool> stop{false};       // nor this one
};

// What a log came to is added up at once: memory does not grow with their number.
void finish(Shared& shared, std::size_t index, const Result<>& how, Reading& reading) {
  std::lock_guard lock(shared.mutex);
  if (!how) {
    if (!shared.error) shared.error = how.error();
    shared.stop = true;
    return;
  }
  shared.reads[index] = reading.read();
  if (shared.total)
    shared.total->merge(reading.account());
  else
    shared.total = reading.account();
}

void work(Shared& shared, const RunOptions& options) {
  for (;;) {
    std::unique_lock lock(shared.mutex);
    if (shared.next == shared.inputs.size() || shared.stop) break;
    auto mine = shared.next++;
    lock.unlock();
    Reading reading(std::move(shared.inputs[mine]), options, shared.done, shared.stop);
    auto how = reading.run();
    finish(shared, mine, how, reading);
  }
  std::lock_guard lock(shared.mutex);
  --shared.running;
  shared.ended.notify_all();
}

std::size_t threads_for(std::size_t asked, std::size_t logs) {
  auto cores = std::max(1u, std::thread::hardware_concurrency());
  return std::clamp<std::size_t>(asked == 0 ? cores : asked, 1, std::max<std::size_t>(logs, 1));
}

}  // namespace

Result<Analysis> analyze(const std::vector<std::string>& logs, const RunOptions& options,
                         const std::function<void(const Progress&)>& progress) {
  auto begun = Clock::now();
  Shared shared;
  std::uint64_t all = 0;
  bool known = true;
  for (auto& log : logs) {
    auto input = Input::open(log);
    if (!input) return std::unexpected(input.error());
    known = known && input->size().has_value();
    all += input->size().value_or(0);
    shared.inputs.push_back(std::move(*input));
  }
  if (logs.empty()) return fail(Code::invalid, "there is no log to read");
  shared.reads.resize(logs.size());
  shared.running = threads_for(options.threads, logs.size());
  std::vector<std::jthread> threads;
  for (std::size_t i = 0, n = shared.running; i < n; ++i) threads.emplace_back([&] { work(shared, options); });
  std::unique_lock lock(shared.mutex);
  while (!shared.ended.wait_for(lock, std::chrono::milliseconds(200), [&] { return shared.running == 0; }))
    if (progress) progress({shared.done, known ? all : 0, Clock::now() - begun});
  lock.unlock();
  threads.clear();
  if (shared.error) return std::unexpected(*shared.error);
  return Analysis{std::move(shared.reads), std::move(*shared.total), Clock::now() - begun};
}

}  // namespace davy::analyze
