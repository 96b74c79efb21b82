// A mail server that is a list.
#pragma once
#include <vector>

#include "ports/ways.h"

namespace davy::ports::testing {

struct FakeMail : Mail {
  Task<> send(Letter letter) override {
    if (away) co_return fail(Code::unavailable, "nobody is there");
    if (refuses) co_return fail(Code::refused, "it says no");
    letters.push_back(std::move(letter));
    co_return Result<>();
  }
  std::vector<Letter> letters;
  bool away = false, refuses = false;
};

}  // namespace davy::ports::testing
