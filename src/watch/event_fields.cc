// The fields of a watch's events, as the journal has them.
#include "watch/event.h"

namespace davy::spec {

template <>
inline constexpr auto kFields<watch::Stretch> =
    std::tuple{required("times", &watch::Stretch::times, "how often it is due in it"),
               required("first", &watch::Stretch::first, "the first time"),
               required("last", &watch::Stretch::last, "the last one, which is looked at")};
template <>
inline constexpr auto kFields<watch::Item> = std::tuple{required("path", &watch::Item::path, "which step"),
                                                        optional("says", &watch::Item::says, "what it found"),
                                                        optional("seen", &watch::Item::seen, "whether it could tell")};
template <>
inline constexpr auto kFields<watch::Began> =
    std::tuple{required("run", &watch::Began::run, "whose release is watched"),
               required("since", &watch::Began::since, "the end of its rollout"),
               required("book", &watch::Began::book, "whom it is about, rules and duties"),
               optional("routine", &watch::Began::routine, "only what belongs to the service")};
template <>
inline constexpr auto kFields<watch::LookBegan> =
    std::tuple{required("id", &watch::LookBegan::id, "unique in the watch"),
               required("duty", &watch::LookBegan::duty, "index of the duty"),
               required("due", &watch::LookBegan::due, "when it was due")};
template <>
inline constexpr auto kFields<watch::Looked> =
    std::tuple{required("duty", &watch::Looked::duty, "index of the duty"),
               required("due", &watch::Looked::due, "when the last of them was due"),
               optional("times", &watch::Looked::times, "looks that found the same"),
               optional("seen", &watch::Looked::seen, "what was found"),
               optional("says", &watch::Looked::says, "the same in words"),
               optional("items", &watch::Looked::items, "what was not well"),
               optional("took", &watch::Looked::took, "how long it took"),
               optional("id", &watch::Looked::id, "of a look that acts")};
template <>
inline constexpr auto kFields<watch::Missed> =
    std::tuple{required("duty", &watch::Missed::duty, "index of the duty"),
               required("first", &watch::Missed::first, "due from then on"),
               required("before", &watch::Missed::before, "and before this look"),
               required("times", &watch::Missed::times, "how often"), optional("why", &watch::Missed::why, "in words")};
template <>
inline constexpr auto kFields<watch::Told> =
    std::tuple{required("name", &watch::Told::name, "a notice of the plan's own")};
template <>
inline constexpr auto kFields<watch::AlarmBegan> = std::tuple{
    required("rule", &watch::AlarmBegan::rule, "which began to hold"),
    optional("then", &watch::AlarmBegan::then, "what follows"), optional("says", &watch::AlarmBegan::says, "in words")};
template <>
inline constexpr auto kFields<watch::AlarmGoesOn> =
    std::tuple{required("rule", &watch::AlarmGoesOn::rule, "which still holds")};
template <>
inline constexpr auto kFields<watch::AlarmOver> =
    std::tuple{required("rule", &watch::AlarmOver::rule, "which holds no longer"),
               optional("says", &watch::AlarmOver::says, "in words")};
template <>
inline constexpr auto kFields<watch::BackWanted> = std::tuple{optional("why", &watch::BackWanted::why, "in words")};
template <>
inline constexpr auto kFields<watch::BackRefused> = std::tuple{optional("says", &watch::BackRefused::says, "in words")};
template <>
inline constexpr auto kFields<watch::BackNotWanted> =
    std::tuple{optional("why", &watch::BackNotWanted::why, "in words")};
template <>
inline constexpr auto kFields<watch::Over> = std::tuple{optional("sentence", &watch::Over::sentence, "in words")};

// clang-format off
template <> const core::Table& table_of<watch::Stretch>() { return MadeTable<watch::Stretch>::get(); }
template <> const core::Table& table_of<watch::Item>() { return MadeTable<watch::Item>::get(); }
template <> const core::Table& table_of<watch::Began>() { return MadeTable<watch::Began>::get(); }
template <> const core::Table& table_of<watch::LookBegan>() { return MadeTable<watch::LookBegan>::get(); }
template <> const core::Table& table_of<watch::Looked>() { return MadeTable<watch::Looked>::get(); }
template <> const core::Table& table_of<watch::Missed>() { return MadeTable<watch::Missed>::get(); }
template <> const core::Table& table_of<watch::Told>() { return MadeTable<watch::Told>::get(); }
template <> const core::Table& table_of<watch::AlarmBegan>() { return MadeTable<watch::AlarmBegan>::get(); }
template <> const core::Table& table_of<watch::AlarmGoesOn>() { return MadeTable<watch::AlarmGoesOn>::get(); }
template <> const core::Table& table_of<watch::AlarmOver>() { return MadeTable<watch::AlarmOver>::get(); }
template <> const core::Table& table_of<watch::BackWanted>() { return MadeTable<watch::BackWanted>::get(); }
template <> const core::Table& table_of<watch::BackRefused>() { return MadeTable<watch::BackRefused>::get(); }
template <> const core::Table& table_of<watch::BackNotWanted>() { return MadeTable<watch::BackNotWanted>::get(); }
template <> const core::Table& table_of<watch::Over>() { return MadeTable<watch::Over>::get(); }
// clang-format on

}  // namespace davy::spec
