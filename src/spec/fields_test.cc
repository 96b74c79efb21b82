#include "spec/fields.h"

#include <gtest/gtest.h>

namespace davy::spec {

namespace {
enum class Colour { red, green };
struct Side {
  static constexpr std::string_view kName = "side";
  int length = 3;
};
struct Spot {
  static constexpr std::string_view kName = "spot";
  std::string where;
};
struct Shape {
  std::string name;
  Colour colour = Colour::red;
  std::vector<std::variant<Side, Spot>> parts;
  std::map<std::string, Ratio> shares;
  std::optional<Duration> life;
};
struct Other {
  std::string name;
};
struct Far {
  std::string name;
  std::vector<Far> within;
};
}  // namespace

template <>
inline constexpr bool kApart<Far> = true;

template <>
inline constexpr auto kWords<Colour> = words<Colour>({{"red", Colour::red}, {"green", Colour::green}});
template <>
inline constexpr auto kFields<Side> = std::tuple{optional("length", &Side::length, "how long")};
template <>
inline constexpr auto kFields<Spot> = std::tuple{required("where", &Spot::where, "where it is")};
template <>
inline constexpr auto kFields<Shape> = std::tuple{
    required("name", &Shape::name, "what it is called"), optional("colour", &Shape::colour, "its colour"),
    optional("parts", &Shape::parts, "of what it is made"), optional("shares", &Shape::shares, "how much of what"),
    optional("life", &Shape::life, "how long it is kept")};
template <>
inline constexpr std::string_view kShort<Shape> = "name";

namespace {

Value json(std::string_view text) { return from_json(*parse_json(text)); }

std::string mistakes(std::string_view text) {
  Diagnostics d;
  Shape out;
  EXPECT_FALSE(decode(json(text), out, d));
  std::string all;
  for (auto& one : d.sorted()) all += one.found + "; " + one.expected + "; " + one.nearest + "\n";
  return all;
}

TEST(Fields, EveryKindOfMemberComesBackAsItWasWritten) {
  auto text = R"({"name":"door","colour":"green","parts":[{"side":{"length":5}},{"spot":{"where":"left"}}],)"
              R"("shares":{"wood":"40%"},"life":"3d"})";
  auto shape = decoded<Shape>(json(text), "a shape");
  ASSERT_TRUE(shape) << shape.error().message;
  EXPECT_EQ(std::get<Spot>(shape->parts[1]).where, "left");
  EXPECT_EQ(dump(encode(*shape)), text);
}

TEST(Fields, WhatEqualsItsDefaultIsLeftOutAndABareValueIsTheShortKey) {
  auto shape = decoded<Shape>(text("door"), "a shape");
  ASSERT_TRUE(shape);
  EXPECT_EQ(dump(encode(*shape)), R"({"name":"door"})");
}

TEST(Fields, EveryMistakeIsToldAtOnce) {
  EXPECT_EQ(mistakes(R"({"colour":"gren","parts":[{"sied":{}}, {"spot":{}}],"shares":[],"lief":"3d"})"),
            "no `name`; what it is called; \n"
            "`gren`; red, green; green\n"
            "unknown kind `sied`; side, spot; side\n"
            "no `where`; where it is; \n"
            "a list; a map; \n"
            "unknown key `lief`; one of name, colour, parts, shares, life; life\n");
  EXPECT_EQ(mistakes("[]"), "a list; a text; \n");
}

TEST(Fields, TheSchemaSaysWhatMustBeThereAndWhatIsMeantOtherwise) {
  auto side = dump(schema<Side>());
  EXPECT_EQ(side, R"({"type":"object","additionalProperties":false,"properties":{"length":{"type":"integer",)"
                  R"("description":"how long","default":3}}})");
  auto shape = schema<Shape>();
  EXPECT_EQ(dump(shape["anyOf"][0]["type"]), R"(["string","number","boolean"])");
  EXPECT_EQ(dump(shape["anyOf"][1]["required"]), R"(["name"])");
  EXPECT_EQ(dump(shape["anyOf"][1]["properties"]["colour"]["enum"]), R"(["red","green"])");
}

TEST(Fields, AWrongRowIsNamed) {
  auto mistake = [](Mistake m) { return std::string(m.row) + " " + std::string(m.what); };
  EXPECT_EQ(mistake_in<Shape>(kFields<Shape>, "name"), Mistake());
  EXPECT_EQ(mistake(mistake_in<Shape>(
                std::tuple{required("name", &Shape::name, "what"), required("name", &Shape::life, "how")})),
            "name is there twice");
  EXPECT_EQ(mistake(mistake_in<Shape>(std::tuple{required("name", &Other::name, "what")})),
            "name is about a member of another struct");
  EXPECT_EQ(mistake(mistake_in<Shape>(std::tuple{optional("life", &Shape::life, "")})), "life has no sentence");
  EXPECT_EQ(mistake(mistake_in<Shape>(std::tuple{optional("", &Shape::life, "how long")})), " has no name");
  EXPECT_EQ(mistake(mistake_in<Shape>(std::tuple{optional("life", &Shape::life, "how long")}, "name")),
            "name is what a bare value means, and is missing");
}

TEST(Fields, ATableMayStandApartFromItsStruct) {
  auto text = R"({"name":"house","within":[{"name":"room"}]})";
  auto far = decoded<Far>(json(text), "a house");
  ASSERT_TRUE(far) << far.error().message;
  EXPECT_EQ(far->within.at(0).name, "room");
  EXPECT_EQ(encode(*far).dump(), text);
  EXPECT_EQ(keys_of<Far>(), (std::vector<std::string_view>{"name", "within"}));
}

}  // namespace

template <>
inline constexpr auto kFields<Far> =
    std::tuple{required("name", &Far::name, "what it is called"), optional("within", &Far::within, "what lies in it")};
template <>
const core::Table& table_of<Far>() {
  return MadeTable<Far>::get();
}
}  // namespace davy::spec
