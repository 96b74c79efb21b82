// A MongoDB of the test's own, which speaks the wire's format; the contract that the fake keeps, too; and servers that
// mean harm. What drivers and servers agree upon besides is tried against a stand-in of others (tests/signals).
#include "io/data/mongo.h"

#include <gmock/gmock.h>

#include "io/data/mongo_login.h"
#include "io/data/mongo_messages.h"
#include "io/data/mongo_testing.h"
#include "io/secrets/encodings.h"
#include "ports/testing/mongo_contract.h"
#include "providers/testing/world.h"

namespace davy::io {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kOk = R"({"ok":1.0})";
constexpr const char* kSecondary = R"({"setName":"rs0","secondary":true,"isWritablePrimary":false,"ok":1})";
constexpr const char* kPrimary = R"({"setName":"rs0","isWritablePrimary":true,"ok":1})";
constexpr const char* kArbiter = R"({"setName":"rs0","arbiterOnly":true,"isWritablePrimary":false,"ok":1})";

Result<std::string> ask(const std::string& url, ports::MongoRequest r = {}) {
  Secrets secrets;
  Mongo mongo(secrets);
  if (r.command.empty()) r.command = R"({"ping":1})";
  r.url = url;
  if (r.timeout == 5s) r.timeout = 20s;
  return finished(mongo.ask(std::move(r)));
}

struct RealWorld {
  MongoServer server{knows({{"ping", kOk}})};
  Secrets secrets;
  Mongo real{secrets};
  ports::Mongo& mongo() { return real; }
  std::string here() { return server.url(); }
  std::string away() { return "mongodb://127.0.0.1:1"; }
  template <class T>
  Result<T> run(ports::Task<T> task) {
    return finished(std::move(task));
  }
};
struct FakeWorld {
  providers::testing::FakeMongo fake;
  FakeWorld() { fake.away = {"mongodb://away"}; }
  ports::Mongo& mongo() { return fake; }
  std::string here() { return "mongodb://here"; }
  std::string away() { return "mongodb://away"; }
  template <class T>
  Result<T> run(ports::Task<T> task) {
    return finished(std::move(task));
  }
};

}  // namespace
}  // namespace davy::io

namespace davy::ports::testing {
INSTANTIATE_TYPED_TEST_SUITE_P(Real, MongoContract, io::RealWorld);
INSTANTIATE_TYPED_TEST_SUITE_P(Fake, MongoContract, io::FakeWorld);
}  // namespace davy::ports::testing

namespace davy::io {
namespace {

TEST(Mongo, GreetsAndAsksTheDatabaseThatIsMeant) {
  MongoServer server(knows({{"count", R"({"n":3,"ok":1})"}}));
  EXPECT_EQ(*ask(server.url("shop"), {.command = R"({"count":"orders","query":{"state":"paid"}})"}),
            R"({ "n" : 3, "ok" : 1 })");
  EXPECT_EQ(spec::dump(server.last("count")), R"({"count":"orders","query":{"state":"paid"},"$db":"shop"})");
  EXPECT_EQ(server.last("hello")["client"]["application"]["name"], "davy");
  EXPECT_FALSE(server.last("hello").contains("saslSupportedMechs"));
  ask(server.url("shop"), {.database = "other", .command = R"({"count":"x"})"});
  EXPECT_EQ(server.last("count")["$db"], "other");
  ask(server.url(), {.command = R"({"count":"x"})"});
  EXPECT_EQ(server.last("count")["$db"], "admin");
}

TEST(Mongo, GreetsAnOlderServerInItsOwnWord) {
  MongoServer server(knows({{"hello", kNoSuchCommand}, {"isMaster", R"({"ismaster":true,"ok":1})"}, {"ping", kOk}}));
  EXPECT_TRUE(ask(server.url()));
}

TEST(Mongo, SaysWhatTheServerSays) {
  auto code_of = [](int number) {
    MongoServer server(knows(
        {{"ping", R"({"ok":0,"errmsg":"it is \u001b[31mso","codeName":"X","code":)" + std::to_string(number) + "}"}}));
    auto answer = ask(server.url());
    EXPECT_THAT(answer.error().message, HasSubstr(server.host() + " says: it is \\x1b[31mso (X)"));
    return answer.error().code;
  };
  EXPECT_EQ(code_of(13), Code::refused);
  EXPECT_EQ(code_of(50), Code::timed_out);
  EXPECT_EQ(code_of(91), Code::unavailable);
  EXPECT_EQ(code_of(13435), Code::unavailable);
  EXPECT_EQ(code_of(9), Code::invalid);
  MongoServer silent(knows({{"ping", R"({"answer":42})"}}));
  EXPECT_EQ(ask(silent.url()).error().code, Code::invalid) << "no `ok` is no success";
}

TEST(Mongo, GivesBackACursor) {
  MongoServer server(
      knows({{"find", R"({"cursor":{"id":{"$numberLong":"77"},"ns":"shop.a.b","firstBatch":[]},"ok":1})"},
             {"killCursors", kOk}}));
  EXPECT_TRUE(ask(server.url("shop"), {.command = R"({"find":"a.b"})"}));
  EXPECT_EQ(spec::dump(server.last("killCursors")), R"({"killCursors":"a.b","cursors":[77],"$db":"shop"})");
}

TEST(Mongo, AsksWhomTheUrlMeans) {
  MongoServer secondary(knows({{"hello", kSecondary}, {"ping", kOk}})),
      primary(knows({{"hello", kPrimary}, {"ping", kOk}})), arbiter(knows({{"hello", kArbiter}, {"ping", kOk}}));
  auto all = "mongodb://127.0.0.1:1," + arbiter.host() + "," + secondary.host() + "," + primary.host() + "/";
  auto asked = [&](MongoServer& one) { return std::ssize(one.asked()); };
  auto pinged = [](MongoServer& one) { return one.last("ping"); };
  EXPECT_TRUE(ask(all + "?replicaSet=rs0"));
  EXPECT_TRUE(pinged(primary).is_object());
  EXPECT_FALSE(pinged(primary).contains("$readPreference"));
  EXPECT_FALSE(pinged(secondary).is_object());
  auto before = asked(primary);
  EXPECT_TRUE(ask(all + "?readPreference=secondary"));
  EXPECT_EQ(pinged(secondary)["$readPreference"]["mode"], "secondary");
  EXPECT_EQ(asked(primary), before) << "nobody asks the primary for that";
  auto two = "mongodb://" + secondary.host() + "," + arbiter.host() + "/";
  EXPECT_TRUE(ask(two + "?readPreference=primaryPreferred"));
  auto none = ask(two);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::unavailable);
  EXPECT_THAT(none.error().message,
              AllOf(HasSubstr(secondary.host() + " is a secondary"), HasSubstr(arbiter.host() + " is not ready")));
  EXPECT_TRUE(ask(secondary.url())) << "a host alone is meant, whatever it is";
  EXPECT_EQ(pinged(secondary)["$readPreference"]["mode"], "primaryPreferred");
  EXPECT_EQ(ask(arbiter.url()).error().code, Code::unavailable);
}

TEST(Mongo, IsNotTakenForAnotherSet) {
  MongoServer server(knows({{"hello", kPrimary}})), alone(knows({}));
  auto wrong = ask(server.url("?replicaSet=rs1"));
  EXPECT_EQ(wrong.error().code, Code::invalid);
  EXPECT_THAT(wrong.error().message, HasSubstr("in the set rs0, not in the set that the URL names"));
  EXPECT_THAT(ask(alone.url("?replicaSet=rs1")).error().message, HasSubstr("in no set"));
}

TEST(Mongo, DoesNotLetASilentHostTakeAllTheTime) {
  MongoServer silent([](auto&) { return ""; }), good(knows({{"ping", kOk}}));
  auto answer = ask("mongodb://" + silent.host() + "," + good.host(), {.timeout = 6s});
  EXPECT_TRUE(answer) << answer.error().message;
  auto alone = ask(silent.url(), {.timeout = 200ms});
  EXPECT_EQ(alone.error().code, Code::timed_out);
  EXPECT_THAT(alone.error().message, HasSubstr(silent.host()));
}

TEST(Mongo, KeepsSecretsOutOfWhatItSays) {
  Secrets secrets;
  secrets.add("URL", "mongodb://someone:hunter2@127.0.0.1:1/?replicaSet=hunter3");
  secrets.add("BROKEN", "mongodb://someone:hunter2/@127.0.0.1:1");
  Mongo mongo(secrets);
  MongoServer refusing(knows(
      {{"saslStart",
        R"({"ok":0,"errmsg":"no user someone@admin with hunter2","code":18,"codeName":"AuthenticationFailed"})"}}));
  secrets.add("REFUSED", "mongodb://someone:hunter2@" + refusing.host());
  for (auto [name, code] :
       {std::pair{"$URL", Code::unavailable}, {"$BROKEN", Code::invalid}, {"$REFUSED", Code::refused}}) {
    auto answer = finished(mongo.ask({.url = name, .command = R"({"ping":1})"}));
    ASSERT_FALSE(answer) << name;
    EXPECT_EQ(answer.error().code, code) << answer.error().message;
    EXPECT_THAT(to_string(answer.error()), AllOf(Not(HasSubstr("hunter")), Not(HasSubstr("someone"))));
  }
  EXPECT_THAT(finished(mongo.ask({.url = "$NOBODY", .command = R"({"ping":1})"})).error().message, HasSubstr("NOBODY"));
}

TEST(Mongo, IsReachedOverTlsWhenItsCertificateIsGood) {
  Certificate authority("Davys tests"), own("localhost", &authority);
  Scratch scratch;
  std::ofstream(scratch / "ca.pem") << authority.pem();
  MongoServer server(knows({{"ping", kOk}}), tls_of(own));
  auto at = [&](const std::string& host, const std::string& options) {
    return "mongodb://" + host + ":" + server.port() + "/?" + options;
  };
  auto good = ask(at("localhost", "tls=true"), {.ca = scratch / "ca.pem"});
  EXPECT_TRUE(good) << good.error().message;
  EXPECT_TRUE(ask(at("localhost", "ssl=true&tlsCAFile=" + percent_encoded(scratch / "ca.pem"))));
  EXPECT_THAT(ask(at("localhost", "tls=true")).error().message, HasSubstr("is not accepted"));
  auto other = ask(at("127.0.0.1", "tls=true"), {.ca = scratch / "ca.pem"});
  EXPECT_EQ(other.error().code, Code::invalid);
  EXPECT_THAT(other.error().message, HasSubstr("is not accepted"));
  EXPECT_THAT(ask(at("localhost", ""), {.ca = scratch / "ca.pem"}).error().message, HasSubstr("without TLS"));
}

// What a server answers to the greeting, however wrong.
struct Row {
  const char* name;
  MongoServer::Answer answer;
  Code code;
  const char* says;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
class HostileMongo : public testing::TestWithParam<Row> {};

TEST_P(HostileMongo, IsSurvived) {
  auto& row = GetParam();
  MongoServer server(row.answer);
  auto answer =
      ask("mongodb://someone:hunter2@" + server.host(), {.timeout = row.code == Code::timed_out ? 300ms : 20s});
  ASSERT_FALSE(answer) << *answer;
  EXPECT_EQ(name(answer.error().code), name(row.code)) << answer.error().message;
  EXPECT_THAT(answer.error().message, AllOf(HasSubstr(row.says), HasSubstr(server.host())));
  EXPECT_THAT(to_string(answer.error()), Not(HasSubstr("hunter2")));
  constexpr std::int64_t kBuffers = 4 * 1024 * 1024;  // of both kernels
  EXPECT_LE(server.sent(), std::int64_t{MongoReplies::kMost} + kBuffers);
}

MongoServer::Answer bytes(Message m) {
  return [m](auto& q) mutable { return m.answers = q.id, m.bytes(); };
}
// The login goes wrong at the step of that name.
MongoServer::Answer login(std::map<std::string, std::string> answers) {
  return [answers](const MongoQuestion& q) {
    auto text = answers.contains(q.name()) ? answers.at(q.name()) : kHello;
    auto payload = q.json.value("payload", spec::Json());
    if (auto at = text.find("NONCE"); at != text.npos) {
      auto first = base64_decoded(payload["$binary"]["base64"].get<std::string>());
      auto said = first.substr(first.find("r=")) + "more,s=AAAA,i=" + (text.contains("LONG") ? "99999999" : "4096");
      text = R"({"ok":1,"done":false,"conversationId":1,"payload":{"$binary":{"base64":")" + base64(said) +
             R"(","subType":"00"}}})";
    }
    return as_message(q, text);
  };
}

const auto kDoc = bson_of(R"({"ok":1})");
constexpr const char *kNot = "not MongoDB's protocol", *kBroken = "the answer is broken";

INSTANTIATE_TEST_SUITE_P(
    Answers, HostileMongo,
    testing::Values(
        Row{"another protocol", [](auto&) { return "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"; },
            Code::invalid, kNot},
        Row{"an old reply", bytes({.document = kDoc, .code = 1}), Code::invalid, kNot},
        Row{"to another question", [](auto&) { return Message{.document = kDoc, .answers = 99}.bytes(); },
            Code::invalid, kNot},
        Row{"more to come", bytes({.document = kDoc, .flags = 2}), Code::invalid, kNot},
        Row{"too short", bytes({.document = kDoc, .length = 3}), Code::invalid, kNot},
        Row{"too long", bytes({.document = kDoc, .length = 0x7fffffff}), Code::invalid, "larger than 4 MiB"},
        Row{"broken inside", bytes({.document = std::string("\x0c\0\0\0\2a\0\xff\0\0\0\0", 12)}), Code::invalid,
            kBroken},
        Row{"endless", bytes({.document = std::string(std::size_t{5} * 1024 * 1024, 'x'), .length = 4 * 1024 * 1024}),
            Code::invalid, ""},
        Row{"cut", bytes({.document = kDoc.substr(0, 5), .length = 50}), Code::timed_out, ""},
        Row{"silent", [](auto&) { return ""; }, Code::timed_out, ""},
        Row{"no success", knows({{"hello", "{}"}}), Code::invalid, "says"},
        Row{"a strange hello", knows({{"hello", R"({"ok":true,"setName":5,"code":"x","isWritablePrimary":"yes"})"}}),
            Code::unavailable, "not ready"}));

INSTANTIATE_TEST_SUITE_P(
    Logins, HostileMongo,
    testing::Values(Row{"refused", login({{"saslStart", R"({"ok":0,"code":18,"codeName":"AuthenticationFailed"})"}}),
                        Code::refused, "does not let us in: AuthenticationFailed"},
                    Row{"no payload", login({{"saslStart", R"({"ok":1})"}}), Code::invalid, "makes no sense"},
                    Row{"a payload that is none", login({{"saslStart", R"({"ok":1,"payload":"r=x,s=AAAA,i=4096"})"}}),
                        Code::invalid, "makes no sense"},
                    Row{"hashing for ever", login({{"saslStart", "NONCE LONG"}}), Code::invalid, "99999999 times"},
                    Row{"an impostor",
                        login({{"saslStart", "NONCE"},
                               {"saslContinue",
                                R"({"ok":1,"done":true,"payload":{"$binary":{"base64":"dj1BQUFB","subType":"00"}}})"}}),
                        Code::invalid, "this is another server"},
                    Row{"let in without a proof",
                        login({{"saslStart", "NONCE"}, {"saslContinue", R"({"ok":1,"done":true})"}}), Code::invalid,
                        "this is another server"}));

}  // namespace
}  // namespace davy::io
