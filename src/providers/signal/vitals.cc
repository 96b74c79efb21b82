#include "providers/signal/vitals.h"

#include "signals/systems/vitals_account.h"

namespace davy::providers {
namespace {

class Vitals final : public SteadySource {
 public:
  Vitals(VitalsSignal o, ports::Outside& out)
      : SteadySource(out), o_(std::move(o)), account_(o_.last, !o_.release_by.empty()) {}

 private:
  ports::Task<judge::Window> read(std::optional<Time>) override {
    if (!mailbox_) {
      auto opened = out_.listener->listen({.address = o_.address, .path = o_.path, .origins = o_.origins});
      if (!opened) co_return std::unexpected(opened.error());
      mailbox_ = std::move(*opened);
    }
    auto now = out_.clock.now();
    auto posted = mailbox_->take();
    for (auto& body : posted.bodies) account_.take(signals::read_beacons(body, o_.release_by), now);
    account_.refused(posted.refused);
    co_return account_.look(now);
  }

  VitalsSignal o_;
  signals::VitalsAccount account_;
  std::unique_ptr<ports::Mailbox> mailbox_;
};

}  // namespace

Result<std::unique_ptr<ports::Source>> vitals_source(VitalsSignal o, ports::Outside& out, ports::Asking) {
  if (!out.listener) return fail(Code::invalid, "nothing can listen here for beacons");
  if (!o.path.starts_with('/')) return fail(Code::invalid, "`path: " + o.path + "`: no path", "such as /vitals");
  if (o.last <= Duration{}) return fail(Code::invalid, "`last` of no time", "such as 5m");
  return std::make_unique<Vitals>(std::move(o), out);
}

static std::vector<spec::Finding> vitals_table() {
  using spec::Unit;
  std::vector<spec::Finding> out{{"views", Unit::none, "page views that told of themselves"},
                                 {"broken", Unit::none, "beacons that make no sense"},
                                 {"unlabelled", Unit::none, "beacons that name no release"},
                                 {"refused", Unit::none, "beacons that were too large, from elsewhere or too many"}};
  out.push_back({"error_free", Unit::ratio, "share of page views or sessions that met no error of a script"});
  for (std::string name : {"lcp", "fcp", "inp", "ttfb", "page_load", "cls"}) {
    spec::As as = name == "cls" ? Unit::none : Unit::seconds;
    out.push_back({name, as, "75th percentile of the last `last`"});
    out.push_back({name + "_p50", as, "its median"});
    out.push_back({name + "_p95", as, "its 95th percentile"});
  }
  return out;
}

void add_vitals_signal(ports::Registry& r) {
  r.source<VitalsSignal>("vitals", "Web vitals: Davy listens for the beacons of pages (docs/web-vitals.md).",
                         "{ vitals: 127.0.0.1:9180, origins: [https://shop.example.com], release-by: version }",
                         vitals_source, vitals_table());
}

}  // namespace davy::providers
