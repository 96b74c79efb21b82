#include "providers/signal/vitals.h"

#include "signals/systems/vitals_account.h"

namespace davy::providers {
namespace {

class Vitals final : public SteadySource {
 public:
  Vitals(VitalsSignal o, ports::Outside& out)
      : SteadySource(out), o_(std::move(o)), account_(o_.over, !o_.release_by.empty()) {}

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
  if (o.over <= Duration{}) return fail(Code::invalid, "`over` of no time", "such as 5m");
  return std::make_unique<Vitals>(std::move(o), out);
}

static std::vector<std::string> fields_of(const VitalsSignal&) {
  std::vector<std::string> out{"views", "broken", "unlabelled", "refused"};
  for (std::string name : {"lcp", "fcp", "inp", "ttfb", "page_load", "cls"})
    for (auto* quantile : {"", "_p50", "_p95"}) out.push_back(name + quantile);
  return out;
}

static std::optional<spec::Measured> measured(const VitalsSignal&, std::string_view name) {
  using spec::Unit;
  if (name.starts_with("cls")) return spec::Measured{};
  for (std::string_view counted : {"views", "broken", "unlabelled", "refused"})
    if (name == counted) return spec::Measured{};
  return spec::Measured{Unit::seconds};
}

void add_vitals_signal(ports::Registry& r) {
  r.source<VitalsSignal>("vitals", "Web vitals: Davy listens for the beacons of pages (docs/web-vitals.md).",
                         "{ vitals: 127.0.0.1:9180, origins: [https://shop.example.com], release-by: version }",
                         vitals_source, fields_of);
  r.measured<VitalsSignal>("signal", "vitals", measured);
}

}  // namespace davy::providers
