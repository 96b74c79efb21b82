#include "io/units/gifts.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "io/posix/posix.h"
#include "io/secrets/encodings.h"
#include "io/units/gift_text.h"

namespace davy::io {
namespace {

namespace fs = std::filesystem;
using ports::Given;

constexpr std::size_t kLongest = 64 * 1024, kMostEntries = 100'000;
constexpr std::string_view kFolder = ".d", kService = ".service";

// Late among the drop-ins: what is given for a release holds.
Given place_of(const std::string& folder, const std::string& unit) {
  auto at = folder + "/" + unit + std::string(kFolder);
  return {.unit = unit, .drop_in = at + "/90-davy.conf", .environment = at + "/90-davy.env"};
}

struct Wiped {
  std::string text;
  ~Wiped() { wipe(text); }
};

Result<> append(Wiped& out, const std::string& name, std::string_view value) {
  auto line = environment_line(name, value);
  if (!line) return std::unexpected(line.error());
  if (out.text.capacity() < out.text.size() + line->size()) {  // nothing of it may stay behind
    Wiped larger;
    larger.text.reserve(2 * (out.text.size() + line->size()));
    larger.text = out.text;
    std::swap(out.text, larger.text);
  }
  out.text += *line;
  wipe(*line);
  return {};
}

Result<> environment_of(const ports::Gift& gift, const Secrets& secrets, Wiped& out) {
  for (auto& [name, value] : gift.variables)
    if (auto added = append(out, name, value); !added) return added;
  for (auto& [name, secret] : gift.secrets) {
    auto value = secrets.reveal(secret);
    if (!value) return std::unexpected(value.error());
    if (auto added = append(out, name, *value); !added) return added;
  }
  return {};
}

Result<std::optional<Given>> gift_of(const GiftPlace& at, const std::string& unit) {
  auto out = place_of(at.folder, unit);
  auto text = read_if_there(at.root + out.drop_in, kLongest);
  if (!text) return std::unexpected(text.error());
  auto note = *text ? note_in(**text) : std::nullopt;
  if (!note) return std::nullopt;
  out.note = *std::move(note);
  return out;
}

// "app@18100.service", of the folder of its drop-ins; empty: it is none of that template.
std::string instance_of(const std::string& name, std::string_view before) {
  auto end = std::string(kService) + std::string(kFolder);
  if (!name.starts_with(before) || !name.ends_with(end) || name.size() <= before.size() + end.size()) return "";
  return name.substr(0, name.size() - kFolder.size());
}

Result<std::vector<std::string>> instances_in(const std::string& folder, std::string_view before) {
  std::vector<std::string> out;
  std::error_code error;
  std::size_t seen = 0;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (++seen > kMostEntries) return fail(Code::invalid, folder + " holds more than 100,000 names");
    if (auto unit = instance_of(at->path().filename(), before); !unit.empty()) out.push_back(std::move(unit));
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return std::unexpected(system_error("looking into " + folder, error.value()));
  std::ranges::sort(out);
  return out;
}

Error as_root(Error e) {
  if (e.code == Code::refused) e.hint = "Davy has to run as root to give a unit what its release needs";
  return e;
}

}  // namespace

// The variables first: a drop-in without its file would keep the unit from starting.
Result<> write_gift(const GiftPlace& at, const std::string& unit, const ports::Gift& gift, const Secrets& secrets) {
  auto place = place_of(at.folder, unit);
  Wiped environment;
  if (auto made = environment_of(gift, secrets, environment); !made) return made;
  std::error_code error;
  auto beside = fs::path(at.root + place.drop_in).parent_path();
  fs::create_directories(beside, error);
  if (error) return std::unexpected(as_root(system_error("making " + beside.string(), error.value())));
  auto drop_in = drop_in_text(gift.note, place.environment, gift.directory);
  auto written = replace_file(at.root + place.environment, environment.text, 0600, Sync::yes);
  if (written) written = replace_file(at.root + place.drop_in, drop_in, 0644, Sync::yes);
  if (!written) return std::unexpected(as_root(written.error()));
  return {};
}

Result<> remove_gift(const GiftPlace& at, const std::string& unit) {
  auto place = place_of(at.folder, unit);
  for (auto& path : {at.root + place.drop_in, at.root + place.environment})
    if (::unlink(path.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR)
      return std::unexpected(as_root(system_error("removing " + path)));
  ::rmdir(fs::path(at.root + place.drop_in).parent_path().c_str());  // stays where others have drop-ins, too
  return {};
}

Result<std::vector<Given>> gifts_in(const GiftPlace& at, const std::string& unit) {
  auto of_template = unit.find("@.");
  std::vector<std::string> names{unit};
  if (of_template != unit.npos) {
    auto found = instances_in(at.root + at.folder, std::string_view(unit).substr(0, of_template + 1));
    if (!found) return std::unexpected(found.error());
    names = *std::move(found);
  }
  std::vector<Given> out;
  for (auto& name : names) {
    auto one = gift_of(at, name);
    if (!one) return std::unexpected(one.error());
    if (*one) out.push_back(**std::move(one));
  }
  return out;
}

}  // namespace davy::io
