#include "io/guard/way_back.h"

#include <nlohmann/json.hpp>

#include "io/posix/posix.h"

namespace davy::io {
namespace {

using nlohmann::json;

constexpr std::size_t kLargest = 8 * 1024 * 1024;

std::string text_of(const json& whole) { return whole.dump(-1, ' ', true, json::error_handler_t::replace); }

json to_data(const ports::Act& act) {
  json secrets = json::object();
  for (const auto& [variable, secret] : act.secret_env) secrets[variable] = secret.name;
  return {{"address", act.address}, {"text", act.text},   {"argv", act.argv},    {"cwd", act.cwd},
          {"env", act.env},         {"secrets", secrets}, {"expect", act.expect}};
}

ports::Act act_of(const json& data) {
  ports::Act act{data.at("address"), data.at("text"), data.at("argv"), data.at("cwd"), data.at("env"), {},
                 data.at("expect")};
  for (const auto& [variable, name] : data.at("secrets").items())
    act.secret_env[variable] = SecretRef{name.get<std::string>()};
  return act;
}

json to_data(const ports::Move& move) {
  json acts = json::array();
  for (const auto& act : move.acts) acts.push_back(to_data(act));
  return {{"what", move.what},
          {"host", move.host},
          {"acts", acts},
          {"proof", to_data(move.proof)},
          {"expect", move.expect},
          {"lacks", move.lacks},
          {"within", move.within.count()},
          {"missing", move.missing},
          {"left", move.left}};
}

ports::Move move_of(const json& data) {
  ports::Move move{data.at("what"),
                   data.at("host"),
                   {},
                   act_of(data.at("proof")),
                   data.at("expect"),
                   data.at("lacks"),
                   Duration(data.at("within").get<std::int64_t>()),
                   data.value("missing", ""),
                   data.value("left", "")};
  for (const auto& act : data.at("acts")) move.acts.push_back(act_of(act));
  return move;
}

Time time_of(const json& data) { return Time(Duration(data.get<std::int64_t>())); }

}  // namespace

std::string to_json(const ports::WayBack& way) {
  json moves = json::array();
  for (const auto& move : way.moves) moves.push_back(to_data(move));
  return text_of({{"moves", moves}, {"patience", way.patience.count()}});
}

std::optional<ports::WayBack> way_back_from_json(const std::string& text) try {
  auto whole = json::parse(text);
  ports::WayBack way{.moves = {}, .patience = Duration(whole.at("patience").get<std::int64_t>())};
  for (const auto& move : whole.at("moves")) way.moves.push_back(move_of(move));
  return way;
} catch (const json::exception&) {
  return {};
}

std::string to_json(const Taking& taking) {
  json open = json::array();
  for (const auto& [what, why] : taking.open) open.push_back({{"what", what}, {"why", why}});
  json whole = {{"since", taking.since.time_since_epoch().count()},
                {"at", nullptr},
                {"done", taking.done},
                {"open", open},
                {"told", taking.told}};
  if (taking.at) whole["at"] = taking.at->time_since_epoch().count();
  return text_of(whole);
}

Result<std::optional<Taking>> read_taking(const Spool& spool) try {
  auto path = spool.file("way-back");
  auto text = read_file(path, kLargest);
  if (!text && text.error().code == Code::invalid) return std::nullopt;
  if (!text) return std::unexpected(text.error());
  auto whole = json::parse(*text);
  Taking taking{.since = time_of(whole.at("since")), .at = {}, .done = whole.at("done"), .told = whole.at("told")};
  if (!whole.at("at").is_null()) taking.at = time_of(whole.at("at"));
  for (const auto& open : whole.at("open")) taking.open.push_back({open.at("what"), open.at("why")});
  return taking;
} catch (const json::exception&) {
  return fail(Code::internal, spool.file("way-back") + " is garbled: somebody else wrote it");
}

}  // namespace davy::io
