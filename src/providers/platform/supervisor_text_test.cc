#include "providers/platform/supervisor_text.h"

#include <gmock/gmock.h>

#include "providers/platform/last_words.h"
#include "providers/platform/reach.h"
#include "providers/platform/supervisor.h"

namespace davy::providers {
namespace {

using namespace std::chrono_literals;
using spec::Json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string answer(const std::string& value) {
  return "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value>" + value +
         "</value>\n</param>\n</params>\n</methodResponse>\n";
}

TEST(SupervisorText, WritesWhatIsAsked) {
  EXPECT_EQ(rpc_request("supervisor.getAllProcessInfo", {}),
            "<?xml version=\"1.0\"?><methodCall><methodName>supervisor.getAllProcessInfo</methodName><params/>"
            "</methodCall>");
  EXPECT_EQ(rpc_request("supervisor.startProcess", {"web:a<b&c", false}),
            "<?xml version=\"1.0\"?><methodCall><methodName>supervisor.startProcess</methodName><params>"
            "<param><value><string>web:a&lt;b&amp;c</string></value></param>"
            "<param><value><boolean>0</boolean></value></param></params></methodCall>");
  EXPECT_THAT(rpc_request("x", {4096}), HasSubstr("<value><int>4096</int></value>"));
}

TEST(SupervisorText, KnowsWhereSupervisordListens) {
  EXPECT_EQ(rpc_url("/run/s.sock"), "http+unix://%2Frun%2Fs.sock/RPC2");
  EXPECT_EQ(rpc_url("unix:///run/s.sock"), "http+unix://%2Frun%2Fs.sock/RPC2") << "as supervisorctl writes it";
  EXPECT_EQ(rpc_url("http://127.0.0.1:9001"), "http://127.0.0.1:9001/RPC2");
  EXPECT_EQ(rpc_url("http://127.0.0.1:9001/"), "http://127.0.0.1:9001/RPC2");
  EXPECT_EQ(rpc_url("https://host/RPC2"), "https://host/RPC2") << "behind a proxy of one's own";
}

TEST(SupervisorText, ReadsEveryKindOfValue) {
  auto read = [](const std::string& value) { return rpc_answer(answer(value))->value; };
  EXPECT_EQ(read("<int>-7</int>"), Json(-7));
  EXPECT_EQ(read("<i8>5000000000</i8>"), Json(5'000'000'000));
  EXPECT_EQ(read("<boolean>1</boolean>"), Json(true));
  EXPECT_EQ(read("<string>a &lt; b\n</string>"), Json("a < b\n"));
  EXPECT_EQ(read("bare"), Json("bare"));
  EXPECT_EQ(read("<string/>"), Json(""));
  EXPECT_EQ(read("<nil/>"), Json());
  EXPECT_EQ(read("<array><data>\n<value><int>1</int></value>\n<value>b</value>\n</data></array>"), Json({1, "b"}));
  EXPECT_EQ(read("<struct>\n<member>\n<name>pid</name>\n<value><int>3</int></value>\n</member>\n</struct>"),
            Json({{"pid", 3}}));
}

TEST(SupervisorText, ReadsFaults) {
  auto told = rpc_answer(
      "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>60</int></value></member>"
      "<member><name>faultString</name><value><string>ALREADY_STARTED: a</string></value></member></struct></value>"
      "</fault></methodResponse>");
  ASSERT_TRUE(told && told->fault);
  EXPECT_TRUE(told->fault->is(FaultCode::already_started));
  EXPECT_EQ(told->fault->text, "ALREADY_STARTED: a");
}

TEST(SupervisorText, WhatIsNoAnswerIsAnError) {
  std::string deep, many, endless = "<value><string>";
  for (int i = 0; i < 50'000; ++i) deep += "<array><data><value>";
  for (int i = 0; i < 200; ++i) many += "<member><name>m" + std::to_string(i) + "</name><value/></member>";
  for (auto& garbage : {std::string(), std::string("<html>502</html>"), std::string("<methodResponse><params>"),
                        std::string("<methodResponse/>"), answer("<int>12x</int>"), answer("<int></int>"), answer(deep),
                        answer("<struct>" + many + "</struct>"), endless,
                        answer(std::string(static_cast<std::size_t>(kMostOfAnAnswer.value), 'x')),
                        std::string("<methodResponse><fault><value>no</value></fault></methodResponse>")})
    EXPECT_FALSE(rpc_answer(garbage)) << garbage.substr(0, 60);
}

TEST(SupervisorText, ADocumentThatDefinesWordsOfItsOwnExpandsNone) {
  auto told = rpc_answer("<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY f SYSTEM \"file:///etc/passwd\">]>" +
                         answer("<string>&a;&f;</string>"));
  if (told) EXPECT_EQ(told->value, Json("&a;&f;"));
}

Json program(const std::string& group, const std::string& name, int state, int pid = 0) {
  return {{"group", group}, {"name", name},    {"state", state},
          {"pid", pid},     {"now", 1000},     {"start", 880},
          {"stop", 990},    {"exitstatus", 3}, {"spawnerr", "Exited too quickly\x1b[2J"}};
}

TEST(SupervisorText, TellsHowProgramsAre) {
  auto all = programs_of(Json::array({program("backend", "backend", 20, 4711), program("web", "a", 30),
                                      program("web", "b", 100), program("old", "old", 0), program("odd", "odd", 77)}));
  ASSERT_TRUE(all);
  EXPECT_EQ(full_name(all->at(0)), "backend");
  EXPECT_EQ(says(all->at(0)), "RUNNING, pid 4711, for 2m");
  EXPECT_EQ(full_name(all->at(1)), "web:a");
  EXPECT_EQ(says(all->at(1)), "BACKOFF: Exited too quickly\\x1b[2J");
  EXPECT_EQ(says(all->at(2)), "EXITED with 3");
  EXPECT_TRUE(all->at(0).lives() && all->at(0).runs());
  EXPECT_FALSE(all->at(1).lives()) << "it waits for its next try";
  EXPECT_EQ(all->at(4).state, ProgramState::unknown) << "a state of a later version";
}

TEST(SupervisorText, OneThatHasJustEndedMayComeBack) {
  auto ended = [](int when) {
    auto one = program("a", "a", 100);
    one["stop"] = when;
    return programs_of(Json::array({one}))->front().is_down();
  };
  EXPECT_FALSE(ended(999));
  EXPECT_TRUE(ended(998));
  EXPECT_TRUE(ended(5000)) << "supervisord's clock was set back: it will not be young for hours";
}

TEST(SupervisorText, ProgramsThatSayTooLittleAreAnError) {
  EXPECT_FALSE(programs_of(Json("no")));
  EXPECT_FALSE(programs_of(Json::array({1})));
  EXPECT_FALSE(programs_of(Json::array({Json{{"name", "a"}, {"state", "RUNNING"}, {"now", 1}}})));
  EXPECT_FALSE(programs_of(Json::array({Json{{"name", "a"}, {"state", 20}}})));
  EXPECT_FALSE(priorities_of(Json::array({"a"})));
}

std::vector<std::string> names(const Result<std::vector<Program>>& some) {
  std::vector<std::string> out;
  for (auto& p : some.value_or(std::vector<Program>{})) out.push_back(full_name(p));
  return out;
}

TEST(SupervisorText, ChoosesByNameGroupAndAll) {
  std::vector<Program> all{{"backend", "backend"}, {"web", "a"}, {"web", "b"}};
  EXPECT_THAT(names(chosen(all, "backend")), ElementsAre("backend"));
  EXPECT_THAT(names(chosen(all, "backend:backend")), ElementsAre("backend"));
  EXPECT_THAT(names(chosen(all, "web:b")), ElementsAre("web:b"));
  EXPECT_THAT(names(chosen(all, "web:*")), ElementsAre("web:a", "web:b"));
  EXPECT_THAT(names(chosen(all, "all")), ElementsAre("backend", "web:a", "web:b"));
}

TEST(SupervisorText, ANameThatNobodyHasSaysWhoIsMeantPerhaps) {
  std::vector<Program> all{{"backend", "backend"}, {"web", "a"}, {"web", "b"}};
  auto said = [&](std::string_view which) { return to_string(chosen(all, which).error()); };
  EXPECT_THAT(said("bakcend"), HasSubstr("is `backend` meant?"));
  EXPECT_THAT(said("web"), HasSubstr("is `web:*` meant?"));
  EXPECT_THAT(said("a"), HasSubstr("is `web:a` meant?"));
  EXPECT_THAT(said("mongo"), HasSubstr("supervisor has no program mongo; it has backend, web:*, web:a, web:b"));
  EXPECT_THAT(to_string(chosen({}, "all").error()), HasSubstr("no programs"));
}

TEST(SupervisorText, StartsByPriority) {
  std::vector<Program> all{{"backend", "backend"}, {"db", "db"}, {"web", "a"}, {"web", "b"}};
  auto priorities =
      priorities_of(Json::array({Json{{"group", "db"}, {"name", "db"}, {"group_prio", 1}, {"process_prio", 1}},
                                 Json{{"group", "web"}, {"name", "b"}, {"group_prio", 5}, {"process_prio", 10}},
                                 Json{{"group", "web"}, {"name", "a"}, {"group_prio", 5}, {"process_prio", 999}}}));
  ASSERT_TRUE(priorities);
  EXPECT_THAT(in_order(all, *priorities),
              ElementsAre(ElementsAre("db"), ElementsAre("web:b"), ElementsAre("web:a"), ElementsAre("backend")));
  EXPECT_THAT(in_order({{"a", "a"}, {"b", "b"}}, {}), ElementsAre(ElementsAre("a", "b"))) << "nobody said otherwise";
}

TEST(SupervisorText, KeepsTheLastLinesOfALog) {
  EXPECT_EQ(last_words("first\nTraceback\n  File x\n\nModuleNotFoundError: stripe\n"),
            "Traceback / File x / ModuleNotFoundError: stripe");
  EXPECT_EQ(last_words("\n \n"), "");
  EXPECT_EQ(last_words("\x1b[31mred"), "\\x1b[31mred");
}

TEST(SupervisorOptions, AreCheckedBeforeAnythingIsDone) {
  auto mistakes = [](const char* json) {
    spec::Diagnostics d;
    auto value = spec::from_json(*spec::parse_json(json));
    SupervisorOptions o;
    EXPECT_TRUE(spec::decode(value, o, d));
    fit_together(o, value, d);
    std::string out;
    for (auto& one : d.sorted()) out += one.found + "; ";
    return out;
  };
  EXPECT_EQ(mistakes(R"({"supervisor": "a"})"), "");
  EXPECT_EQ(mistakes(R"({"supervisor": "a", "server": "http://127.0.0.1:9001", "user": "u", "password": "$P"})"), "");
  EXPECT_EQ(mistakes(R"({"supervisor": "a", "server": "127.0.0.1:9001"})"), "`127.0.0.1:9001`; ");
  EXPECT_EQ(mistakes(R"({"supervisor": "a", "user": "u", "password": "sesame"})"), "a password in the plan; ");
  EXPECT_EQ(mistakes(R"({"supervisor": "a", "user": "u"})"), "no `password`; ");
}

TEST(SupervisorOptions, AHealthPathStandsBehindTheUrlOfTheEnvironment) {
  EXPECT_EQ(health_behind("/health", {{"url", "http://a:1/"}}), "http://a:1/health");
  EXPECT_EQ(health_behind("http://b/x", {{"url", "http://a"}}), "http://b/x");
  EXPECT_EQ(health_behind("", {}), "");
  EXPECT_FALSE(health_behind("/health", {}));
}

}  // namespace
}  // namespace davy::providers
