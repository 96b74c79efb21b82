// A thread that is handed everything that waits, in order.
#pragma once
#include <pthread.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace davy::store {

// Any thread may add. The destructor lets the thread finish what was added before, then joins it. `take` must not
// throw.
template <class Job>
class Worker {
 public:
  using Take = std::move_only_function<void(std::vector<Job>)>;

  Worker(const char* name, Take take) : take_(std::move(take)), thread_([this] { work(); }) {
    pthread_setname_np(thread_.native_handle(), name);  // at most 15 letters
  }
  ~Worker() {
    {
      std::lock_guard lock(mutex_);
      closing_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  Worker(const Worker&) = delete;

  void add(Job job) {
    {
      std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(job));
    }
    wake_.notify_one();
  }

 private:
  void work() {
    for (auto jobs = next(); !jobs.empty(); jobs = next()) take_(std::move(jobs));
  }
  std::vector<Job> next() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
    return std::exchange(waiting_, {});
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Job> waiting_;
  bool closing_ = false;
  Take take_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace davy::store
