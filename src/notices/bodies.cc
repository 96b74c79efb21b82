#include "notices/bodies.h"

#include "base/text.h"
#include "notices/text.h"

namespace davy::notices {
namespace {

std::string for_slack(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c;
  }
  return out;
}

// Characters of UTF-8; where there are more, the last one says so.
std::string at_most(const std::string& text, int limit) {
  int seen = 0;
  std::size_t fits = 0;
  for (std::size_t at = 0; at < text.size() && limit > 0; ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) continue;
    if (seen == limit - 1) fits = at;
    if (++seen > limit) return text.substr(0, fits) + "…";
  }
  return text;
}

spec::Json filled_in(const spec::Json& value, const std::map<std::string, std::string>& values) {
  if (value.is_string()) return filled(value.get<std::string>(), values);
  auto out = value;
  if (value.is_structured())
    for (auto& item : out) item = filled_in(item, values);
  return out;
}

std::string form_of(const std::map<std::string, std::string>& fields,
                    const std::map<std::string, std::string>& values) {
  std::string out;
  for (auto& [name, text] : fields)
    out += (out.empty() ? "" : "&") + percent_encoded(name) + "=" + percent_encoded(filled(text, values));
  return out;
}

}  // namespace

std::string headline(const Notice& n) { return (n.again ? "again: " : "") + n.subject; }
std::string spoken(const Notice& n) { return (n.again ? "again (this may have reached you before): " : "") + n.text; }

std::string webhook_body(const Notice& n) {
  spec::Json out = spec::Json::object();
  for (auto& [name, value] : n.values) out[name] = value;
  out["id"] = n.id;
  out["event"] = n.name();
  out["again"] = n.again;
  out["at"] = timestamp(n.at);
  out["subject"] = headline(n);
  out["text"] = spoken(n);
  return spec::dump(out);
}

std::string annotation_body(const Person& person, const Notice& n) {
  auto ms = [](Time t) { return std::chrono::duration_cast<std::chrono::milliseconds>(t.time_since_epoch()).count(); };
  spec::Json tags{"davy", n.name()};
  for (auto name : {"service", "environment"})
    if (auto value = n.values.find(name); value != n.values.end()) tags.push_back(value->second);
  for (auto& tag : person.tags) tags.push_back(tag);
  return spec::dump({{"time", ms(n.since)},
                     {"timeEnd", ms(n.at)},
                     {"tags", std::move(tags)},
                     {"text", headline(n) + "\n" + spoken(n)}});
}

Handed handed(const Person& person, const Notice& n) {
  auto values = n.values;
  for (auto name : {"answer", "answer_link"}) values.try_emplace(name, "");
  values["text"] = at_most(spoken(n), person.limit), values["subject"] = headline(n);
  values["id"] = n.id, values["event"] = n.name();
  Handed out{.type = "application/json", .body = webhook_body(n)};
  if (!person.form.empty()) out.type = "application/x-www-form-urlencoded", out.body = form_of(person.form, values);
  if (auto text = person.body.is.text())
    out.type = "text/plain; charset=utf-8", out.body = filled(*text, values);
  else if (!person.body.is.null())
    out.body = spec::dump(filled_in(spec::to_json(person.body.is), values));
  for (auto& [name, text] : person.headers) out.headers[name] = printable(filled(text, values));
  return out;
}

std::string slack_body(const Notice& n) { return spec::dump(spec::Json{{"text", for_slack(spoken(n))}}); }

std::map<std::string, std::string> environment_of(const Notice& n) {
  auto out = n.values;
  out["DAVY_NOTICE"] = n.id;
  out["DAVY_EVENT"] = n.name();
  out["DAVY_AGAIN"] = n.again ? "yes" : "no";
  return out;
}

}  // namespace davy::notices
