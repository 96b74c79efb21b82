#include "providers/probe/net/tls.h"

#include <fmt/format.h>

#include "base/text.h"

namespace davy::providers {
namespace {

const char* yes_or_no(bool yes) { return yes ? "true" : "false"; }

void take(ports::Observation& o, const ports::Certificate& one, Time now) {
  o.numbers["remaining"] = seconds(one.until - now);
  o.numbers["age"] = seconds(now - one.from);
  o.words["subject"] = one.subject;
  o.words["issuer"] = one.issuer;
  o.words["names"] = joined(one.names, ", ");
  o.words["serial"] = one.serial;
  o.words["fingerprint"] = one.fingerprint;
  o.words["key"] = one.key;
}

void not_well(ports::Observation& o, const char* by, const std::string& says) {
  o.ok = false;
  o.unwell.emplace_back(by);
  o.says += ", " + says;
}

// Good now, whoever signed it.
ports::Observation of_its_time(const ports::Certificate& one, Time now) {
  ports::Observation out{.ok = true, .says = one.subject};
  take(out, one, now);
  if (now < one.from)
    not_well(out, "age", "not good for " + human(one.from - now));
  else if (now > one.until)
    not_well(out, "remaining", "expired " + human(now - one.until) + " ago");
  else
    out.says += ", good for " + human(one.until - now);
  return out;
}

}  // namespace

// host:port ends in digits behind a colon; a path has a slash or no colon.
bool is_file(const TlsProbe& o) {
  auto colon = o.place.rfind(':');
  return o.place.contains('/') || colon == o.place.npos;
}

bool fit_together(const TlsProbe& o, const spec::Value& v, spec::Diagnostics& d) {
  if (!is_file(o)) return true;
  for (auto key : {"starttls", "name", "ca"})
    if (auto given = v.find(key)) {
      d.add(given->mark, fmt::format("`{}` beside a file of certificates", key), "`tls: host:port`, which it is about");
      return false;
    }
  return true;
}

ports::TlsQuestion request(const TlsProbe& o, const ports::Asking& who) {
  return {.address = o.place,
          .name = o.name,
          .ca = ports::beside(o.ca.empty() ? "" : who.directory, o.ca),
          .start = o.start,
          .timeout = who.timeout};
}

ports::Observation observed(const TlsProbe& o, const ports::TlsSeen& seen, Time now) {
  auto out = of_its_time(seen.chain.front(), now);
  auto host = o.place.substr(0, o.place.rfind(':'));
  if (!seen.named) not_well(out, "named", "not for " + (o.name.empty() ? host : o.name));
  // That it has expired was said, and is a plan's to allow.
  bool expired = now > seen.chain.front().until;
  if (!seen.distrust.empty() && !expired) not_well(out, "trusted", "not trusted: " + seen.distrust);
  out.numbers["time"] = seconds(seen.took);
  out.numbers["chain"] = static_cast<double>(seen.chain.size());
  out.words["trusted"] = yes_or_no(seen.distrust.empty());
  out.words["named"] = yes_or_no(seen.named);
  out.words["cipher"] = seen.cipher;
  if (auto version = spec::Leaf<double>::parse(spec::text(seen.version))) out.numbers["version"] = *version;
  return out;
}

ports::Observation observed(const TlsProbe&, const std::vector<ports::Certificate>& file, Time now) {
  auto out = of_its_time(file.front(), now);
  out.numbers["chain"] = static_cast<double>(file.size());
  return out;
}

ports::Task<ports::Observation> perform(TlsProbe o, ports::Outside& out, ports::Asking who) {
  if (!out.certificates) co_return fail(Code::unavailable, "nobody here can look at certificates");
  if (!is_file(o)) {
    auto seen = co_await out.certificates->ask(request(o, who));
    if (!seen) co_return std::unexpected(seen.error());
    co_return observed(o, *seen, out.clock.now());
  }
  auto text = out.files.read(ports::beside(who.directory, o.place));
  if (!text) co_return std::unexpected(text.error());
  auto file = out.certificates->in_pem(*text);
  if (!file) {
    file.error().message = o.place + ": " + file.error().message;
    co_return std::unexpected(file.error());
  }
  co_return observed(o, *file, out.clock.now());
}

static void fit(const TlsProbe& o, spec::Findings& finds) {
  if (!is_file(o)) return;
  std::erase_if(finds.all, [](auto& one) {
    return one.name == "trusted" || one.name == "named" || one.name == "version" || one.name == "cipher" ||
           one.name == "time";
  });
}

void add_tls_probe(ports::Registry& r) {
  using spec::Unit;
  r.probe<TlsProbe>(
      "tls", "Looks at a certificate; well is one that is good now, and of a server also for its name and trusted.",
      "{ tls: shop.example.com:443, expect: remaining > 30d }", perform,
      {{"remaining", Unit::seconds, "time until it expires; below zero it has"},
       {"age", Unit::seconds, "time since it is good"},
       {"subject", spec::kWord, "whose it is: CN=shop.example.com"},
       {"issuer", spec::kWord, "who signed it"},
       {"names", spec::kWord, "the names and addresses that it is for"},
       {"serial", spec::kWord, "its number, hexadecimal"},
       {"fingerprint", spec::kWord, "its SHA-256, hexadecimal"},
       {"key", spec::kWord, "EC 256, RSA 2048 and the like"},
       {"chain", Unit::none, "how many certificates are shown, or lie in the file"},
       {"trusted", spec::kWord, "of a server: true or false"},
       {"named", spec::kWord, "of a server: true where it is for the name"},
       {"version", Unit::none, "of a server: of TLS, 1.2 or 1.3"},
       {"cipher", spec::kWord, "of a server: what was agreed upon"},
       {"time", Unit::seconds, "of a server: to the end of the handshake"}},
      fit);
}

}  // namespace davy::providers
