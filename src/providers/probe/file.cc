#include "providers/probe/file.h"

#include <fmt/format.h>

#include "base/text.h"
#include "signals/metrics/readout.h"

namespace davy::providers {
namespace {

constexpr std::size_t kDigits = 64;  // of a SHA-256

struct Key {
  ConfigForm form;
  std::string path;
};
std::optional<Key> key_of(const FileProbe& o) {
  if (!o.json.empty()) return Key{ConfigForm::json, o.json};
  if (!o.yaml.empty()) return Key{ConfigForm::yaml, o.yaml};
  if (!o.toml.empty()) return Key{ConfigForm::toml, o.toml};
  return {};
}

void not_well(ports::Observation& o, const char* by, const std::string& says) {
  o.ok = false;
  o.unwell.emplace_back(by);
  o.says += ", " + says;
}

void take_value(ports::Observation& o, const FileProbe& asked, const ConfigValue& value) {
  auto key = key_of(asked)->path;
  if (!value.there) return not_well(o, "value", "no `" + key + "` in it");
  if (value.structured) {
    o.numbers["count"] = static_cast<double>(value.count);
    return;
  }
  o.words["value"] = value.text;
  o.says += fmt::format(", {} is {}", key, printable(std::string_view(value.text).substr(0, 80)));
  if (auto found = signals::quantity(value.text))
    if (auto number = spec::in_base(*found, asked.unit)) o.numbers["value"] = *number;
}

std::string lower(std::string text) {
  for (auto& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

bool fit_together(const FileProbe& o, const spec::Value& v, spec::Diagnostics& d) {
  auto forms = !o.json.empty() + !o.yaml.empty() + !o.toml.empty();
  if (forms > 1) d.add(v.mark, "more than one of `json`, `yaml` and `toml`", "the form that the file has");
  bool digits = o.sha256.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
  bool sum = o.sha256.empty() || (o.sha256.size() == kDigits && digits);
  if (!sum)
    d.add(v.find("sha256")->mark, "a sum of " + std::to_string(o.sha256.size()) + " signs", "64 hexadecimal digits");
  return forms <= 1 && sum;
}

ports::Observation observed(const FileProbe& o, const std::optional<ports::Files::Stat>& s, const FileInside& in,
                            Time now) {
  if (!s) return {.ok = false, .unwell = {"exists"}, .says = o.path + " is not there", .words = {{"exists", "false"}}};
  auto mode = fmt::format("{:o}", s->mode);
  ports::Observation out{
      .ok = true,
      .says = fmt::format("{}, {}, mode {}", o.path, s->directory ? "a directory" : human(s->size), mode),
      .numbers = {{"size", static_cast<double>(s->size.value)}, {"age", seconds(now - s->changed)}},
      .words = {{"exists", "true"},
                {"mode", mode},
                {"owner", s->owner},
                {"group", s->group},
                {"kind", s->directory ? "directory" : "file"}}};
  if (in.value) take_value(out, o, *in.value);
  if (o.sha256.empty()) return out;
  out.words["sha256"] = in.sha256;
  if (in.sha256 != lower(o.sha256)) not_well(out, "sha256", "its sum is " + in.sha256);
  return out;
}

ports::Task<ports::Observation> perform(FileProbe o, ports::Outside& out, ports::Asking who) {
  auto path = ports::beside(who.directory, o.path);
  auto stat = out.files.stat(path);
  if (!stat) co_return std::unexpected(stat.error());
  FileInside in;
  if (auto key = key_of(o); key && *stat) {
    auto text = out.files.read(path);
    if (!text) co_return std::unexpected(text.error());
    auto value = config_value(*text, key->form, key->path);
    if (!value) co_return fail(value.error().code, o.path + ": " + value.error().message);
    in.value = *std::move(value);
  }
  if (!o.sha256.empty() && *stat) {
    auto sum = out.files.sha256(path);
    if (!sum) co_return std::unexpected(sum.error());
    in.sha256 = *std::move(sum);
  }
  co_return observed(o, *stat, in, out.clock.now());
}

static void fit(const FileProbe& o, spec::Findings& finds) {
  std::erase_if(finds.all, [&](auto& one) {
    bool of_key = one.name == "value" || one.name == "count";
    return (of_key && !key_of(o)) || (one.name == "sha256" && o.sha256.empty());
  });
}

void add_file_probe(ports::Registry& r) {
  using spec::Unit;
  r.probe<FileProbe>("file",
                     "Looks at a file; well is that it is there, and has the key and the sum that are asked for.",
                     "{ file: /etc/shop/key.pem, expect: mode is 600 }", perform,
                     {{"exists", spec::kWord, "true or false"},
                      {"mode", spec::kWord, "its permissions, such as 600"},
                      {"owner", spec::kWord, "whose it is"},
                      {"group", spec::kWord, "whose group's it is"},
                      {"kind", spec::kWord, "file or directory"},
                      {"size", Unit::bytes, "its size"},
                      {"age", Unit::seconds, "since its contents were changed"},
                      {"value", spec::kOwn, "with `json`, `yaml` or `toml`: what stands there"},
                      {"count", Unit::none, "with them: how many there are, of a list or a map"},
                      {"sha256", spec::kWord, "with `sha256`: the sum that it has"}},
                     fit);
}

}  // namespace davy::providers
