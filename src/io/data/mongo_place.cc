#include "io/data/mongo_place.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "base/text.h"
#include "io/net/address.h"
#include "io/net/url.h"

namespace davy::io {
namespace {

constexpr std::string_view kScheme = "mongodb://";
constexpr std::size_t kMostHosts = 50;

// Names of options, in small letters: MongoDB does not tell the cases apart.
constexpr std::string_view kPassedOver[] = {"appname",
                                            "compressors",
                                            "connecttimeoutms",
                                            "heartbeatfrequencyms",
                                            "journal",
                                            "localthresholdms",
                                            "maxconnecting",
                                            "maxidletimems",
                                            "maxpoolsize",
                                            "minpoolsize",
                                            "retryreads",
                                            "retrywrites",
                                            "servermonitoringmode",
                                            "serverselectiontimeoutms",
                                            "serverselectiontryonce",
                                            "sockettimeoutms",
                                            "timeoutms",
                                            "tlsdisablecertificaterevocationcheck",
                                            "tlsdisableocspendpointcheck",
                                            "uuidrepresentation",
                                            "w",
                                            "waitqueuemultiple",
                                            "waitqueuetimeoutms",
                                            "wtimeoutms",
                                            "zlibcompressionlevel"};
constexpr std::string_view kOnlyFalse[] = {"loadbalanced", "tlsinsecure", "tlsallowinvalidcertificates",
                                           "tlsallowinvalidhostnames"};
// What an error may name. Any other word may be a piece of a password that is not percent-encoded.
constexpr std::string_view kFollowedInPart[] = {"authmechanism",
                                                "authmechanismproperties",
                                                "directconnection",
                                                "loadbalanced",
                                                "maxstalenessseconds",
                                                "readconcernlevel",
                                                "readpreference",
                                                "readpreferencetags",
                                                "replicaset",
                                                "tls",
                                                "tlsallowinvalidcertificates",
                                                "tlsallowinvalidhostnames",
                                                "tlscafile",
                                                "tlscertificatekeyfile",
                                                "tlscertificatekeyfilepassword",
                                                "tlsinsecure"};
constexpr std::array<std::pair<std::string_view, MongoMember>, 5> kMembers{
    {{"primary", MongoMember::primary},
     {"primaryPreferred", MongoMember::primary_preferred},
     {"secondary", MongoMember::secondary},
     {"secondaryPreferred", MongoMember::secondary_preferred},
     {"nearest", MongoMember::nearest}}};

bool stands_in(std::string_view word, std::span<const std::string_view> all) {
  return std::ranges::find(all, word) != all.end();
}

std::unexpected<Error> wrong(std::string_view why) {
  return fail(Code::invalid, fmt::format("not the URL of a MongoDB that can be asked: {}", why),
              "mongodb://[user:password@]host[:port],…/[database][?options], with : / ? # @ % of a password as %3A and "
              "the like");
}

std::unexpected<Error> cannot_follow(std::string_view option) {
  auto shown = stands_in(option, kFollowedInPart) ? fmt::format("the option {}", option) : "an option";
  return fail(Code::invalid, fmt::format("{} of a MongoDB's URL, which Davy cannot follow", shown),
              "a URL for Davy without it, under a name of its own");
}

std::string in_small_letters(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

Result<> take_user(std::string_view& authority, MongoPlace& out) {
  auto at = authority.rfind('@');
  if (at == authority.npos) return {};
  auto who = authority.substr(0, at);
  authority.remove_prefix(at + 1);
  auto colon = who.find(':');
  out.user = percent_decoded(who.substr(0, colon));
  if (colon != who.npos) out.password = percent_decoded(who.substr(colon + 1));
  if (out.user.empty() || out.password.empty()) return wrong("a user and a password belong together");
  return {};
}

std::optional<std::string> address_of(std::string_view host) {
  auto path = percent_decoded(host);
  if (path.starts_with('/')) return path.contains('\0') ? std::nullopt : std::optional(path);
  bool has_port = host.rfind(':') != host.npos && host.rfind(':') + 1 > host.rfind(']') + 1;
  auto address = parse_address(std::string(host) + (has_port ? "" : ":27017"));
  if (!address || !address->path.empty()) return {};
  int port = 0;
  std::from_chars(address->port.data(), address->port.data() + address->port.size(), port);
  if (port < 1 || port > 65535) return {};
  return std::string(host) + (has_port ? "" : ":27017");
}

Result<> take_hosts(std::string_view authority, MongoPlace& out) {
  for (auto host : split(authority, ',')) {
    auto address = address_of(host);
    if (!address) return wrong("one of its hosts is none");
    out.addresses.push_back(*std::move(address));
  }
  if (out.addresses.size() > kMostHosts) return wrong(fmt::format("more than {} hosts", kMostHosts));
  return {};
}

// A password with a / or an @ in it ends up here.
Result<> take_database(std::string_view path, MongoPlace& out) {
  if (path.find_first_of("/@") != path.npos) return wrong("a / or an @ behind its hosts");
  out.database = percent_decoded(path);
  if (out.database.find_first_of(std::string_view("/\\. \"$\0", 7)) != out.database.npos)
    return wrong("its database can be none");
  return {};
}

Result<std::map<std::string, std::string>> options_of(std::string_view text) {
  std::map<std::string, std::string> out;
  for (auto one : split(text, '&')) {
    if (one.empty()) continue;
    auto equals = one.find('=');
    if (equals == one.npos || one.substr(0, equals).contains('@')) return wrong("an option without a value");
    auto name = in_small_letters(one.substr(0, equals)), value = percent_decoded(one.substr(equals + 1));
    if (name.starts_with("ssl") && name != "ssl") name.replace(0, 3, "tls");  // as they were called once
    auto [there, added] = out.try_emplace(name == "ssl" ? "tls" : name, value);
    if (!added && there->second != value) return cannot_follow(there->first);
  }
  return out;
}

Result<> take_option(const std::string& name, const std::string& value, MongoPlace& out) {
  bool yes = value == "true", no = value == "false";
  if (name == "tls") return yes || no ? (out.secure = yes, Result<>()) : wrong("tls is true or false");
  if (name == "tlscafile") return out.ca = value, Result<>();
  if (name == "replicaset") return out.set = value, Result<>();
  if (name == "authsource") return out.source = value, Result<>();
  if (name == "authmechanism" && (value == "SCRAM-SHA-1" || value == "SCRAM-SHA-256"))
    return out.mechanism = value, Result<>();
  if (name == "readpreference") {
    auto found = std::ranges::find(kMembers, value, [](auto& one) { return one.first; });
    if (found != kMembers.end()) return out.member = found->second, Result<>();
  }
  bool follows = stands_in(name, kPassedOver) || (no && stands_in(name, kOnlyFalse)) ||
                 (name == "directconnection" && (no || (yes && out.addresses.size() == 1))) ||
                 (name == "readconcernlevel" && value == "local");
  return follows ? Result<>() : cannot_follow(name);
}

Result<> take_options(std::string_view text, MongoPlace& out) {
  auto all = options_of(text);
  if (!all) return std::unexpected(all.error());
  out.direct = out.addresses.size() == 1 && !all->contains("readpreference");
  for (auto& [name, value] : *all)
    if (auto taken = take_option(name, value, out); !taken) return taken;
  if (out.source.empty()) out.source = out.database.empty() ? "admin" : out.database;
  if (!out.secure && !out.ca.empty()) return wrong("tlsCAFile without tls=true");
  return {};
}

}  // namespace

std::string_view word(MongoMember member) {
  return std::ranges::find(kMembers, member, [](auto& one) { return one.second; })->first;
}

Result<MongoPlace> parse_mongo_url(std::string_view url) {
  if (url.starts_with("mongodb+srv://"))
    return fail(
        Code::invalid, "mongodb+srv:// names no hosts, and this version of Davy does not look them up",
        "mongodb://host1,host2/?replicaSet=NAME&tls=true; the name's SRV and TXT records say what stands there");
  if (!url.starts_with(kScheme)) return wrong("it does not begin with mongodb://");
  auto rest = url.substr(kScheme.size());
  auto authority = rest.substr(0, rest.find_first_of("/?"));
  rest.remove_prefix(authority.size());
  if (rest.starts_with('/')) rest.remove_prefix(1);
  auto path = rest.substr(0, rest.find('?'));
  auto query = rest.substr(std::min(path.size() + 1, rest.size()));
  MongoPlace out;
  if (auto user = take_user(authority, out); !user) return std::unexpected(user.error());
  if (auto hosts = take_hosts(authority, out); !hosts) return std::unexpected(hosts.error());
  if (auto database = take_database(path, out); !database) return std::unexpected(database.error());
  if (auto options = take_options(query, out); !options) return std::unexpected(options.error());
  return out;
}

}  // namespace davy::io
