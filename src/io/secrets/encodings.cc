#include "io/secrets/encodings.h"

#include <string.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace davy::io {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kShortestEncoded = 4;
constexpr std::size_t kShortestCore = 6;  // shorter pieces of base64 are everyday text
constexpr std::size_t kShortestLine = 8;  // of a key in many lines

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    bool hit = text.substr(at, what.size()) == what;
    out.append(hit ? by : text.substr(at, 1));
    at += hit ? what.size() : 1;
  }
  return out;
}

std::string json_escaped(std::string_view text, bool ascii) {
  using nlohmann::json;
  auto quoted = json(text).dump(-1, ' ', ascii, json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

// The characters of base64(before + secret + after) that depend on the secret alone, for 0, 1, 2 bytes before it.
std::string base64_core(std::string_view secret, std::size_t before) {
  auto text = base64(std::string(before, 'x') + std::string(secret));
  auto first = (before * 8 + 5) / 6;
  auto last = (before + secret.size()) * 8 / 6;
  return last > first ? text.substr(first, last - first) : "";
}

void add_base64(std::set<std::string>& forms, std::string_view secret) {
  forms.insert(base64(secret));
  for (std::size_t before : {0, 1, 2}) {
    auto core = base64_core(secret, before);
    if (core.size() >= kShortestCore) forms.insert(core);
  }
  auto standard = forms;
  for (const auto& form : standard) forms.insert(replaced(replaced(form, "+", "-"), "/", "_"));
}

void add_escaped(std::set<std::string>& forms, std::string_view secret) {
  for (auto plain : {"", "/", "!'()*", "!'()*;/?:@&=+$,#"})
    for (bool lower : {false, true}) {
      auto form = url_encoded(secret, plain, lower);
      forms.insert(replaced(form, "%20", "+"));
      forms.insert(std::move(form));
    }
  for (bool ascii : {false, true}) {
    auto form = json_escaped(secret, ascii);
    forms.insert(replaced(form, "/", "\\/"));
    forms.insert(std::move(form));
  }
  forms.insert(html_escaped(secret));
  forms.insert(replaced(secret, "'", "'\\''"));
}

}  // namespace

std::string base64(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += 3) {
    auto byte = [&](std::size_t i) -> unsigned { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    auto bits = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
    auto have = std::min<std::size_t>(3, text.size() - at);
    for (std::size_t i = 0; i < 4; ++i) out += i <= have ? kAlphabet[bits >> (18 - 6 * i) & 63] : '=';
  }
  return out;
}

std::string url_encoded(std::string_view text, std::string_view also_plain, bool lower_hex) {
  const char* digits = lower_hex ? "0123456789abcdef" : "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (word || std::string_view("-_.~").contains(c) || also_plain.contains(c))
      out += c;
    else
      out.append({'%', digits[byte >> 4], digits[byte & 15]});
  }
  return out;
}

void wipe(std::string& text) {
  text.resize(text.capacity());
  ::explicit_bzero(text.data(), text.size());
  text.clear();
}

std::set<std::string> forms_of(std::string_view secret) {
  std::set<std::string> forms;
  if (secret.size() >= kShortestEncoded) {
    add_base64(forms, secret);
    add_escaped(forms, secret);
  }
  for (auto line : split(secret, '\n'))
    if (line = trimmed(line); line.size() >= kShortestLine) forms.emplace(line);
  forms.emplace(secret);
  forms.erase("");
  return forms;
}

}  // namespace davy::io
