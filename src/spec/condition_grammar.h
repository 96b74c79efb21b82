// The grammar of conditions, for condition.cc only. Every place where a condition can stop making sense is a `must`, so
// that the mistake stands at that very byte and says what belongs there: kExpected, one sentence a rule.
#pragma once
#include <string_view>
#include <tao/pegtl.hpp>

namespace davy::spec::grammar {

using namespace tao::pegtl;  // NOLINT: the grammar's own words

struct Blank : one<' ', '\t', '\r', '\n'> {};
struct Gap : star<Blank> {};
struct NameChar : sor<alnum, one<'_'>> {};
struct NameMore : sor<NameChar, seq<one<'-'>, at<NameChar>>> {};
template <char... Letters>
struct Keyword : seq<string<Letters...>, not_at<NameMore>> {};
struct For : Keyword<'f', 'o', 'r'> {};
struct Of : Keyword<'o', 'f'> {};
struct Over : Keyword<'o', 'v', 'e', 'r'> {};
struct Reserved : sor<For, Of, Over, Keyword<'a', 'n', 'd'>, Keyword<'o', 'r'>> {};

// error_rate   latency.p95   payments.checkout.p99: the last part is the field.
struct Name : seq<sor<alpha, one<'_'>>, star<NameMore>> {};
struct Field : plus<NameMore> {};
struct Series : seq<Name, star<one<'.'>, must<Field>>> {};

// 5   5%   300ms   10 GB   2000/s   100 MB/min
struct Digits : seq<plus<digit>, opt<one<'.'>, plus<digit>>> {};
struct Number : seq<opt<one<'-'>>, Digits> {};
struct UnitWord : sor<one<'%'>, seq<not_at<Reserved>, plus<sor<alpha, range<'\x80', '\xff'>>>>> {};
struct PerWord : plus<alpha> {};
struct Quantity : seq<Number, opt<Gap, UnitWord>, opt<Gap, one<'/'>, Gap, must<PerWord>>> {};
struct High : Quantity {};
struct Dots : string<'.', '.'> {};
struct RangeTail : seq<Gap, Dots, Gap, must<High>> {};
struct Baseline : seq<not_at<Reserved>, sor<alpha, one<'_'>>, star<NameMore>> {};
struct OfBaseline : seq<Gap, Of, Gap, must<Baseline>> {};

struct Sign
    : sor<string<'<', '='>, one<'<'>, string<'=', '='>, one<'='>, string<'!', '='>, string<'>', '='>, one<'>'>> {};
struct Comparison : seq<Sign, Gap, must<Quantity>, opt<RangeTail>, opt<OfBaseline>> {};
struct InWord : Keyword<'i', 'n'> {};
struct NotInWords : seq<Keyword<'n', 'o', 't'>, plus<Blank>, Keyword<'i', 'n'>> {};
struct In : seq<sor<InWord, NotInWords>, Gap, must<Quantity>, must<RangeTail>, opt<OfBaseline>> {};

// is healthy   is not healthy   is "Already up to date."
struct IsWord : Keyword<'i', 's'> {};
struct NotWord : Keyword<'n', 'o', 't'> {};
struct BareWord : seq<not_at<For>, plus<sor<alnum, one<'_', '-', '.', ':', '+', '/', '@'>, range<'\x80', '\xff'>>>> {};
struct QuotedWord : sor<seq<one<'"'>, star<not_one<'"'>>, one<'"'>>, seq<one<'\''>, star<not_one<'\''>>, one<'\''>>> {};
struct Word : sor<QuotedWord, BareWord> {};
struct Is : seq<IsWord, opt<Gap, NotWord>, Gap, must<Word>> {};
// output contains ready   output lacks "out of memory"
struct ContainsWord : Keyword<'c', 'o', 'n', 't', 'a', 'i', 'n', 's'> {};
struct LacksWord : Keyword<'l', 'a', 'c', 'k', 's'> {};
struct Part : Word {};
struct Contains : seq<sor<ContainsWord, LacksWord>, Gap, must<Part>> {};

struct GrowsWord : Keyword<'g', 'r', 'o', 'w', 's'> {};
struct Faster : seq<one<'>'>, not_at<one<'='>>> {};
struct Slower : seq<one<'<'>, not_at<one<'='>>> {};
struct Speed : sor<Faster, Slower> {};
struct Slope : Quantity {};
struct Grows : seq<GrowsWord, Gap, must<Speed>, Gap, must<Slope>> {};
struct Rises : Keyword<'r', 'i', 's', 'e', 's'> {};

struct LengthNumber : Digits {};
struct LengthUnit : plus<alpha> {};
struct Length : seq<LengthNumber, Gap, must<LengthUnit>> {};
struct OverLength : Length {};
struct ForLength : Length {};

struct Predicate : sor<Grows, Rises, In, Is, Contains, Comparison> {};
struct End : eof {};
struct Whole : seq<Gap, must<Series>, opt<Gap, Over, Gap, must<OverLength>>, Gap, must<Predicate>,
                   opt<Gap, For, Gap, must<ForLength>>, Gap, must<End>> {};

inline constexpr std::string_view kOperators =
    "an operator: <, <=, =, !=, >=, >, in, not in, is, is not, contains, lacks, grows or rises";
inline constexpr std::string_view kValue = "a value, such as 5%, 300ms, 10 GB or 2000/s";
inline constexpr std::string_view kLength = "a duration, such as 30s or 5m";
inline constexpr std::string_view kSlope = "`>` or `<` and a slope, such as `memory grows > 100 MB/min`";

template <class Rule>
inline constexpr std::string_view kExpected = "";
template <>
inline constexpr std::string_view kExpected<Series> = "a name first, such as `error_rate < 0.5%`";
template <>
inline constexpr std::string_view kExpected<Field> = "a field after the dot, such as `latency.p95`";
template <>
inline constexpr std::string_view kExpected<Predicate> = kOperators;
template <>
inline constexpr std::string_view kExpected<Quantity> = kValue;
template <>
inline constexpr std::string_view kExpected<High> = "the upper end of a range, such as `15..20`";
template <>
inline constexpr std::string_view kExpected<RangeTail> = "`..` and the upper end of a range, such as `15..20`";
template <>
inline constexpr std::string_view kExpected<PerWord> = "s, min or h, such as `2000/s`";
template <>
inline constexpr std::string_view kExpected<Baseline> =
    "`baseline`, `previous`, `before` or a name under `baselines:`, such as `> 150% of baseline`";
template <>
inline constexpr std::string_view kExpected<Word> = "a word, such as `status is healthy`";
template <>
inline constexpr std::string_view kExpected<Part> = "a part of the text, such as `output lacks \"error\"`";
template <>
inline constexpr std::string_view kExpected<Speed> = kSlope;
template <>
inline constexpr std::string_view kExpected<Slope> = "a slope, such as 100 MB/min";
template <>
inline constexpr std::string_view kExpected<OverLength> = kLength;
template <>
inline constexpr std::string_view kExpected<ForLength> = kLength;
template <>
inline constexpr std::string_view kExpected<LengthUnit> = "a unit of time: ms, s, m, h or d";
template <>
inline constexpr std::string_view kExpected<End> = "the end, or `for 5m`";

}  // namespace davy::spec::grammar
