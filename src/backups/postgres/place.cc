#include "backups/postgres/place.h"

#include <libpq-fe.h>

#include <memory>

namespace davy::backups {
namespace {

struct Free {
  void operator()(PQconninfoOption* o) const { ::PQconninfoFree(o); }
};
using Options = std::unique_ptr<PQconninfoOption, Free>;

// What each setting is called in an environment.
std::map<std::string, std::string> variables() {
  std::map<std::string, std::string> out;
  Options all(::PQconndefaults());
  for (auto o = all.get(); o && o->keyword; ++o)
    if (o->envvar) out[o->keyword] = o->envvar;
  return out;
}

}  // namespace

Result<Place> Place::parse(const std::string& url) {
  char* why = nullptr;
  Options all(::PQconninfoParse(url.c_str(), &why));
  ::PQfreemem(why);  // it may quote the password
  if (!all)
    return fail(Code::invalid, "not the URL or connection string of a PostgreSQL", "postgres://user@host/database");
  Place out;
  out.variables_ = variables();
  out.hidden_.push_back(url);
  for (auto o = all.get(); o->keyword; ++o) {
    if (!o->val) continue;
    std::string key = o->keyword;
    out.settings_[key] = o->val;
    if (key == "password" || key == "sslpassword") out.hidden_.push_back(o->val);
    if (key == "sslpassword" || key == "service")
      return fail(Code::invalid, "`" + key + "` in the address of a PostgreSQL cannot be handed to pg_dump");
  }
  if (!out.settings_.contains("connect_timeout")) out.settings_["connect_timeout"] = "10";
  return out;
}

Place Place::of_socket(const std::string& folder, const std::string& user, const std::string& database) {
  Place out;
  out.variables_ = variables();
  out.settings_ = {{"host", folder}, {"port", "5432"}, {"user", user}, {"dbname", database}, {"sslmode", "disable"}};
  return out;
}

Place Place::at(const std::string& database) const {
  auto out = *this;
  out.settings_["dbname"] = database;
  return out;
}

std::string Place::server() const {
  auto said = [&](const char* name) {
    auto found = settings_.find(name);
    return found == settings_.end() ? std::string() : found->second;
  };
  return said("host") + ":" + said("port");
}

std::map<std::string, std::string> Place::environment() const {
  std::map<std::string, std::string> out;
  for (auto& [key, value] : settings_)
    if (auto name = variables_.find(key); name != variables_.end()) out[name->second] = value;
  return out;
}

std::string Place::masked(std::string text) const {
  for (auto& secret : hidden_)
    if (secret.size() > 2)
      for (auto at = text.find(secret); at != text.npos; at = text.find(secret, at + 3))
        text.replace(at, secret.size(), "***");
  return text;
}

}  // namespace davy::backups
