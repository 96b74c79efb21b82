#include "providers/signal/mongo/mongo_query.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "base/text.h"
#include "spec/fields.h"

namespace davy::providers {
namespace {

using spec::Json;

constexpr std::size_t kLongest = 64 * 1024, kMostNodes = 10'000, kMostDocuments = 1000;
constexpr std::string_view kReads[] = {
    "aggregate",   "buildInfo", "collStats",        "connPoolStats",    "connectionStatus",
    "count",       "currentOp", "dataSize",         "dbStats",          "distinct",
    "find",        "hello",     "hostInfo",         "listCollections",  "listDatabases",
    "listIndexes", "ping",      "replSetGetConfig", "replSetGetStatus", "serverStatus",
    "top"};
constexpr std::string_view kExample = "a command such as `{ count: orders, query: { state: paid } }`";

struct Mistake {
  std::string found, expected;
  std::string word = {};  // that is none of kReads
};

template <class T>
std::optional<T> whole_number(const std::string& text) {
  T out{};
  auto end = text.data() + text.size();
  auto [at, error] = std::from_chars(text.data(), end, out);
  return error == std::errc{} && at == end ? std::optional(out) : std::nullopt;
}

// Not `nan` and `inf`, which are names as others.
std::optional<double> double_in(const std::string& text) {
  auto out = whole_number<double>(text);
  return out && std::isfinite(*out) ? out : std::nullopt;
}

// yaml-cpp's tree, no more of it than a command may have: aliases of aliases are spelled out here.
class FromYaml {
 public:
  Json of(const YAML::Node& node) {
    if (--left_ == 0) throw std::length_error("more values than a command may have");
    if (node.IsMap()) {
      auto out = Json::object();
      for (auto entry : node) out[entry.first.Scalar()] = of(entry.second);
      return out;
    }
    if (node.IsSequence()) {
      auto out = Json::array();
      for (auto item : node) out.push_back(of(item));
      return out;
    }
    return scalar(node);
  }

 private:
  static Json scalar(const YAML::Node& node) {
    if (node.IsNull()) return nullptr;
    auto& text = node.Scalar();
    if (node.Tag() == "!") return text;  // in quotes
    if (text == "true" || text == "false") return text == "true";
    if (auto number = whole_number<std::int64_t>(text)) return *number;
    if (auto number = double_in(text)) return *number;
    return text;
  }
  std::size_t left_ = kMostNodes;
};

std::optional<Json> in_text(const std::string& text) try {
  if (text.size() > kLongest) return {};
  if (auto json = spec::parse_json(text); json && json->is_object()) return *json;
  return FromYaml().of(YAML::Load(text));
} catch (const std::exception&) {
  return {};
}

bool writes(const Json& j) {
  if (j.is_object() && (j.contains("$out") || j.contains("$merge"))) return true;
  return j.is_structured() && std::ranges::any_of(j, writes);
}

std::optional<Mistake> mistake_in(const std::optional<Json>& query) {
  if (!query || !query->is_object() || query->empty()) return Mistake{"no command of MongoDB", std::string(kExample)};
  auto name = query->begin().key();
  if (std::ranges::find(kReads, name) == std::end(kReads))
    return Mistake{fmt::format("the command `{}`", printable(name)), "one that only reads: " + spec::listed(kReads),
                   name};
  for (auto& [key, value] : query->items())
    if (key.starts_with('$'))
      return Mistake{fmt::format("`{}` in a command", printable(key)), "a command without it: Davy says that itself"};
  if (name == "aggregate" && writes(*query)) return Mistake{"a pipeline that writes", "one without $out and $merge"};
  return {};
}

std::optional<Json> json_of(const spec::Value& v) {
  if (auto text = v.text()) return in_text(*text);
  return v.map() ? std::optional(spec::to_json(v)) : std::nullopt;
}

// What YAML may take for a number, and the plan takes for a text: nothing would be found, and nobody told why.
bool check_numbers(const spec::Value& v, spec::Diagnostics& d) {
  bool fine = true;
  if (auto list = v.list())
    for (auto& item : *list) fine &= check_numbers(item, d);
  if (auto map = v.map())
    for (auto& entry : *map) fine &= check_numbers(entry.value, d);
  auto text = v.text();
  auto number = text && !v.quoted ? double_in(*text) : std::nullopt;
  if (!number) return fine;
  d.add(v.mark, fmt::format("`{}`, which is a text as it is written", printable(*text)),
        fmt::format("{}, or the text in quotes", *number));
  return false;
}

std::optional<double> number_of(const Json& j) {
  if (!j.is_number() || !std::isfinite(j.get<double>())) return {};
  return j.get<double>();
}

// Its only number but for `_id`.
std::optional<MongoNumber> number_in(const Json& document) {
  std::optional<MongoNumber> out;
  for (auto& [key, value] : document.items()) {
    auto number = key == "_id" ? std::nullopt : number_of(value);
    if (number && out) return {};
    if (number) out = MongoNumber{"", *number};
  }
  auto id = document.find("_id");
  if (out && id != document.end() && !id->is_null() && !id->is_structured())
    out->label = id->is_string() ? id->get<std::string>() : spec::dump(*id);
  return out;
}

Result<std::vector<MongoNumber>> numbers_of(const Json& cursor) {
  auto batch = cursor.find("firstBatch");
  if (batch == cursor.end() || !batch->is_array()) return fail(Code::invalid, "the answer has no documents");
  if (cursor.value("id", Json(0)) != 0)
    return fail(Code::invalid, fmt::format("the query finds more than {} documents", batch->size()),
                "$group, $limit or `limit`");
  std::vector<MongoNumber> out;
  std::set<std::string> labels;
  for (auto& document : *batch) {
    auto one = document.is_object() ? number_in(document) : std::nullopt;
    if (!one) return fail(Code::invalid, "the query gives a document with no one number", "one number beside `_id`");
    if (!labels.insert(one->label).second)
      return fail(Code::invalid, fmt::format("the query gives two documents of `{}`", printable(one->label)),
                  "one document, or a label of each under `_id`");
    out.push_back(*std::move(one));
  }
  return out;
}

}  // namespace

Result<Json> mongo_query(const spec::Value& v) {
  auto query = json_of(v);
  if (auto wrong = mistake_in(query)) return fail(Code::invalid, wrong->found, wrong->expected);
  return *std::move(query);
}

bool check_mongo_query(const spec::Value& v, spec::Diagnostics& d) {
  if (auto wrong = mistake_in(json_of(v)))
    return d.unknown(v.mark, wrong->found, wrong->word,
                     wrong->word.empty() ? std::span<const std::string_view>() : kReads, wrong->expected),
           false;
  return check_numbers(v.map() ? v : spec::Value{}, d);
}

std::string sent(Json query, Duration timeout) {
  auto name = query.begin().key();
  auto limit = std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::milliseconds>(timeout).count());
  bool searches = name == "count" || name == "find" || name == "distinct" || name == "aggregate";
  if (searches && !query.contains("maxTimeMS")) query["maxTimeMS"] = limit;
  if (name == "find" && !query.contains("batchSize")) query["batchSize"] = kMostDocuments;
  if (name == "aggregate" && !query.contains("cursor")) query["cursor"] = {{"batchSize", kMostDocuments}};
  return spec::dump(query);
}

Json plain(const Json& j) {
  if (j.is_object() && j.size() == 1) {
    auto& key = j.begin().key();
    auto& value = j.begin().value();
    auto text = value.is_string() ? value.get<std::string>() : "";
    if (auto number = key.starts_with("$number") ? double_in(text) : std::nullopt; number) return *number;
    if ((key == "$oid" || key == "$date") && value.is_string()) return text;
  }
  if (!j.is_structured()) return j;
  auto out = j.is_object() ? Json::object() : Json::array();
  if (j.is_object())
    for (auto& [key, value] : j.items()) out[key] = plain(value);
  else
    for (auto& item : j) out.push_back(plain(item));
  return out;
}

bool has_numbers(const Json& query) {
  auto name = query.begin().key();
  return name == "count" || name == "distinct" || name == "find" || name == "aggregate";
}

Result<std::vector<MongoNumber>> numbers_in(const Json& query, const Json& answer) {
  auto name = query.begin().key();
  auto found = answer.find(name == "count" ? "n" : name == "distinct" ? "values" : "cursor");
  auto number = found == answer.end() ? std::nullopt : number_of(*found);
  if (name == "count" && number) return std::vector{MongoNumber{"", *number}};
  if (name == "distinct" && found != answer.end() && found->is_array())
    return std::vector{MongoNumber{"", static_cast<double>(found->size())}};
  if (has_numbers(query) && found != answer.end() && found->is_object()) return numbers_of(*found);
  return fail(Code::invalid, "the answer has no number of its own", "`json:` says where one stands");
}

}  // namespace davy::providers
