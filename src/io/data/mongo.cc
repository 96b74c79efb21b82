#include "io/data/mongo.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <ranges>

#include "base/text.h"
#include "io/data/mongo_line.h"
#include "io/net/net.h"
#include "io/secrets/encodings.h"
#include "ports/secret_text.h"

namespace davy::io {
namespace {

// What became of the hosts that could not be taken.
class Misses {
 public:
  void add(const std::string& address, Error e) {
    if (!e.message.contains(address)) e.message = fmt::format("{}: {}", address, e.message);
    all_.push_back(std::move(e));
  }
  // One as it is. Of several the code is what is worth a look: none that only says that nobody is there.
  Error whole() const {
    auto out = all_.front();
    for (auto& one : all_ | std::views::drop(1)) {
      out.message += "; " + one.message;
      bool waits = out.code == Code::unavailable || out.code == Code::timed_out;
      if (waits && one.code != Code::timed_out) out.code = one.code, out.hint = one.hint;
    }
    return out;
  }

 private:
  std::vector<Error> all_;
};

enum class Fit { first, second, none };

Fit fit(const MongoPlace& to, MongoRole role) {
  bool primary = role == MongoRole::alone || role == MongoRole::primary, secondary = role == MongoRole::secondary;
  if (!primary && !secondary) return Fit::none;
  if (to.direct || to.member == MongoMember::nearest || role == MongoRole::alone) return Fit::first;
  switch (to.member) {
    case MongoMember::primary:
      return primary ? Fit::first : Fit::none;
    case MongoMember::secondary:
      return secondary ? Fit::first : Fit::none;
    case MongoMember::secondary_preferred:
      return secondary ? Fit::first : Fit::second;
    default:
      return primary ? Fit::first : Fit::second;
  }
}

std::string_view says(MongoRole role) {
  return role == MongoRole::primary     ? "is the primary of its set, and the URL asks a secondary"
         : role == MongoRole::secondary ? "is a secondary of its set, and the URL asks the primary"
                                        : "is not ready to be asked";
}

ports::Task<MongoLine> choose(const MongoPlace& to, const TlsTrust& trust, Duration time) {
  using Clock = std::chrono::steady_clock;
  auto until = Clock::now() + std::min<Duration>(time, std::chrono::hours(24));
  Misses misses;
  std::optional<MongoLine> second;
  for (std::size_t i = 0; i < to.addresses.size(); ++i) {
    auto shown = printable(to.addresses[i]);
    auto share = (until - Clock::now()) / static_cast<std::int64_t>(to.addresses.size() - i);
    auto line = co_await within(share, "asking MongoDB at " + shown, open_mongo_line(to.addresses[i], to, trust));
    if (!line && line.error().code == Code::cancelled) co_return std::move(line);
    auto fits = line ? fit(to, line->role) : Fit::none;
    if (fits == Fit::first) co_return std::move(line);
    if (fits == Fit::second && !second) second = std::move(*line);
    if (line && fits == Fit::none)
      misses.add(shown, {Code::unavailable, fmt::format("MongoDB at {} {}", shown, says(line->role))});
    if (!line) misses.add(shown, std::move(line.error()));
  }
  if (second) co_return *std::move(second);
  co_return std::unexpected(misses.whole());
}

// What the server keeps for who might ask for more. Nobody does.
ports::Task<> close_cursor(MongoLine& line, const spec::Json& answer, const std::string& database) {
  auto cursor = answer.find("cursor");
  if (cursor == answer.end() || !cursor->is_object()) co_return Result<>();
  auto id = cursor->find("id"), of = cursor->find("ns");
  bool open = id != cursor->end() && id->is_number_integer() && id->get<std::int64_t>() != 0;
  if (!open || of == cursor->end() || !of->is_string()) co_return Result<>();
  auto name = of->get<std::string>();
  spec::Json number{{"$numberLong", std::to_string(id->get<std::int64_t>())}};
  spec::Json kill{{"killCursors", name.substr(name.find('.') + 1)}, {"cursors", spec::Json::array({number})}};
  (void)co_await say(line, {spec::dump(kill), database});
  co_return Result<>();
}

ports::Task<std::string> talk(MongoPlace to, ports::MongoRequest r, TlsTrust trust) {
  auto line = co_await choose(to, trust, r.timeout);
  auto in = line ? co_await log_in(*line, to) : Result<>();
  wipe(to.password);
  if (!line) co_return std::unexpected(line.error());
  if (!in) co_return std::unexpected(in.error());
  auto database = !r.database.empty() ? r.database : !to.database.empty() ? to.database : "admin";
  auto answer = co_await say(*line, {std::move(r.command), database, preference(*line, to)});
  if (!answer) co_return std::unexpected(answer.error());
  if (auto well = judged(*line, answer->json); !well) co_return std::unexpected(well.error());
  (void)co_await close_cursor(*line, answer->json, database);
  co_return std::move(answer->text);
}

}  // namespace

ports::Task<std::string> Mongo::ask(ports::MongoRequest r) {
  auto secret = ports::secret_in(r.url);
  auto value = secret ? secrets_.reveal(*secret) : Result<std::string_view>(r.url);
  if (!value) co_return std::unexpected(value.error());
  auto place = parse_mongo_url(*value);
  if (!place) co_return std::unexpected(place.error());
  if (!r.ca.empty() && !place->secure)
    co_return fail(Code::invalid, "`ca` for a MongoDB that is asked without TLS", "tls=true in its URL");
  TlsTrust trust{r.ca.empty() ? place->ca : r.ca};
  auto timeout = r.timeout;
  auto doing = "asking MongoDB at " + printable(place->addresses.front());
  co_return co_await within(timeout, doing, talk(std::move(*place), std::move(r), std::move(trust)));
}

}  // namespace davy::io
