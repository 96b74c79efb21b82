// Which event of a watch is news to people, and what is to be said of it.
#pragma once
#include "notices/news.h"
#include "watch/state.h"

namespace davy::watch {

// `before`: the state that the event came to. Nothing for most: a look that finds what the one before found is told
// again after kTellAgain only, and only where it is not well.
std::optional<notices::News> news_of(const State& before, const Event&, Time at);

}  // namespace davy::watch
