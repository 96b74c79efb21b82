// Signal `command`: what a command of yours prints, as numbers and words.
#pragma once
#include "providers/signal/steady.h"
#include "signals/metrics/readout.h"

namespace davy::providers {

struct CommandSignal {
  std::string text, cwd, json;
  signals::Readout output = signals::Readout::guess;
  spec::Measures unit = {};
};

Result<judge::Window> observed(const CommandSignal&, const ports::CommandEnd&);
Result<std::unique_ptr<ports::Source>> command_source(CommandSignal, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr auto kWords<signals::Readout> = words<signals::Readout>({{"guess", signals::Readout::guess},
                                                                          {"number", signals::Readout::number},
                                                                          {"lines", signals::Readout::lines},
                                                                          {"json", signals::Readout::json}});
template <>
inline constexpr std::string_view kShort<providers::CommandSignal> = "command";
template <>
inline constexpr auto kFields<providers::CommandSignal> = std::tuple{
    required("command", &providers::CommandSignal::text, "handed to /bin/sh untouched; it must end with exit 0"),
    optional("output", &providers::CommandSignal::output,
             "what it prints: number, lines (key=value), json; guess: whichever it looks like"),
    optional("json", &providers::CommandSignal::json, "path (a.b.0.c) in JSON to what the signal means"),
    optional("unit", &providers::CommandSignal::unit,
             "what its number means: percent (75), share (0.75), ms, s, B, MB, /s …; a map where it prints several, by "
             "name. Without one it is a bare number, and so is what it is compared with; a number that is printed with "
             "its unit (12 ms) needs one of that kind"),
    optional("cwd", &providers::CommandSignal::cwd, "where it runs")};

}  // namespace davy::spec
