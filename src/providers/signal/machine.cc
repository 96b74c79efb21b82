#include "providers/signal/machine.h"

#include "providers/probe/disk.h"

namespace davy::providers {
namespace {

std::string below(std::string root, std::string_view path) {
  while (root.ends_with('/')) root.pop_back();
  return root + std::string(path);
}

class Machine final : public SteadySource {
 public:
  Machine(MachineSignal o, ports::Outside& out) : SteadySource(out), o_(std::move(o)) {}

 private:
  ports::Task<judge::Window> read(std::optional<Time> last) override {
    signals::MachineFiles files;
    const std::pair<std::string*, const char*> wanted[] = {
        {&files.stat, "/proc/stat"}, {&files.loadavg, "/proc/loadavg"}, {&files.meminfo, "/proc/meminfo"}};
    for (auto& [into, name] : wanted) {
      auto text = out_.files.read(below(o_.root, name));
      if (!text) co_return std::unexpected(text.error());
      *into = std::move(*text);
    }
    auto now = out_.clock.now();
    co_return account_.look(files, last.value_or(now), now);
  }
  MachineSignal o_;
  signals::MachineAccount account_;
};

class Cgroup final : public SteadySource {
 public:
  Cgroup(CgroupSignal o, ports::Outside& out) : SteadySource(out) {
    auto path = o.path.starts_with("/sys/fs/cgroup") ? o.path : "/sys/fs/cgroup/" + o.path;
    directory_ = below(o.root, path) + "/";
  }

 private:
  std::optional<std::string> text(const char* name) {
    auto found = out_.files.read(directory_ + name);
    return found ? std::optional(std::move(*found)) : std::nullopt;
  }
  ports::Task<judge::Window> read(std::optional<Time> last) override {
    if (!text("cgroup.controllers"))
      co_return fail(Code::unavailable, "no control group of version 2 at " + directory_,
                     "the service is not there, or the machine mounts version 1");
    auto now = out_.clock.now();
    co_return account_.look({.memory_current = text("memory.current"),
                             .memory_max = text("memory.max"),
                             .memory_events = text("memory.events"),
                             .cpu_stat = text("cpu.stat"),
                             .cpu_max = text("cpu.max"),
                             .pids_current = text("pids.current"),
                             .pids_max = text("pids.max")},
                            last.value_or(now), now);
  }
  std::string directory_;
  signals::CgroupAccount account_;
};

class Disk final : public SteadySource {
 public:
  Disk(DiskSignal o, ports::Outside& out) : SteadySource(out), o_(std::move(o)) {}

 private:
  ports::Task<judge::Window> read(std::optional<Time>) override {
    auto space = out_.files.space(o_.path);
    if (!space) co_return std::unexpected(space.error());
    judge::Window out;
    for (auto& [name, number] : observed(DiskProbe{o_.path}, *space).numbers) out.numbers[name][""] = number;
    co_return out;
  }
  DiskSignal o_;
};

}  // namespace

Result<std::unique_ptr<ports::Source>> machine_source(MachineSignal o, ports::Outside& out, ports::Asking) {
  return std::make_unique<Machine>(std::move(o), out);
}
Result<std::unique_ptr<ports::Source>> cgroup_source(CgroupSignal o, ports::Outside& out, ports::Asking) {
  if (o.path.contains("..")) return fail(Code::invalid, "the control group " + o.path + " leaves its folder");
  return std::make_unique<Cgroup>(std::move(o), out);
}
Result<std::unique_ptr<ports::Source>> disk_source(DiskSignal o, ports::Outside& out, ports::Asking) {
  return std::make_unique<Disk>(std::move(o), out);
}

void add_cgroup_signal(ports::Registry& r) {
  using spec::Unit;
  r.source<CgroupSignal>("cgroup", "A control group: memory, cpu, throttling, kills for lack of memory.",
                         "{ cgroup: system.slice/shop.service }", cgroup_source,
                         {{"memory", Unit::bytes, "memory that it uses"},
                          {"memory_share", Unit::ratio, "of its limit"},
                          {"cpu", spec::kAny, "cores: 1 or 100% is a whole one"},
                          {"cpu_share", Unit::ratio, "of its quota"},
                          {"throttled", Unit::ratio, "periods in which it was held back"},
                          {"oom_kills", Unit::none, "kills for want of memory since Davy began to look"},
                          {"processes", Unit::none, "its processes"},
                          {"processes_share", Unit::ratio, "of its limit"}});
}

void add_disk_signal(ports::Registry& r) {
  using spec::Unit;
  r.source<DiskSignal>("disk", "Room on a file system.", "{ disk: /var/lib/shop }", disk_source,
                       {{"free", Unit::bytes, "room for an unprivileged user"},
                        {"total", Unit::bytes, "the size of the file system"},
                        {"used", Unit::ratio, "the share that is not free"}});
}

void add_machine_signal(ports::Registry& r) {
  using spec::Unit;
  r.source<MachineSignal>("machine", "The machine: cpu, load, memory.", "{ machine: / }", machine_source,
                          {{"cpu", Unit::ratio, "of all cores"},
                           {"steal", Unit::ratio, "of all cores, taken by the host"},
                           {"load1", Unit::none, "load of a minute"},
                           {"load5", Unit::none, "load of 5 minutes"},
                           {"load15", Unit::none, "load of 15 minutes"},
                           {"load_per_core", spec::kAny, "load of a minute, by the number of cores"},
                           {"memory", Unit::ratio, "the share that cannot be given back"},
                           {"memory_available", Unit::bytes, "what can be had without swapping"},
                           {"swap", Unit::ratio, "the share in use"}});
}

}  // namespace davy::providers
