#include "folders/work.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/shown_url.h"
#include "base/text.h"
#include "folders/archive.h"
#include "folders/download.h"
#include "folders/git.h"
#include "folders/links.h"
#include "folders/trees.h"
#include "run/release_folders.h"

namespace davy::spec {
template <>
inline constexpr auto kFields<folders::Work> =
    std::tuple{required("act", &folders::Work::act, "what is done"),
               required("at", &folders::Work::at, "the releases folder"),
               optional("owner", &folders::Work::owner, "whose it is"),
               optional("name", &folders::Work::name, "of the release's own folder"),
               optional("git", &folders::Work::git, "a repository"),
               optional("ref", &folders::Work::ref, "what of it"),
               optional("archive", &folders::Work::archive, "a file or an address"),
               optional("sha256", &folders::Work::sha256, "its sum, or where that stands"),
               optional("adopt", &folders::Work::adopt, "the folder of what ran before"),
               optional("target", &folders::Work::target, "what `current` is to say"),
               optional("shared", &folders::Work::shared, "paths that all releases share"),
               optional("leftovers", &folders::Work::leftovers, "what goes first"),
               optional("names", &folders::Work::names, "releases that go")};

// clang-format off
template <> const core::Table& table_of<folders::Work>() { return MadeTable<folders::Work>::get(); }
// clang-format on
}  // namespace davy::spec

namespace davy::folders {
namespace {

using Made = Result<spec::Json>;

Made nothing(Result<> done) {
  if (!done) return std::unexpected(done.error());
  return spec::Json::object();
}

std::string folder_of(const Work& w) { return run::folder_at(w.at, w.name); }
std::string whole_of(const Work& w, const std::string& name) { return run::whole_at(w.at, name); }

// `current` of one would be that of the other, and each would remove what the other needs.
Result<> nobody_elses(const Work& w) {
  constexpr std::size_t kLongest = 4096;
  if (w.owner.empty()) return {};
  auto file = w.at + "/.owner";
  io::Fd fresh(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (fresh && !io::write_all(fresh.get(), w.owner + "\n")) return std::unexpected(io::system_error("writing " + file));
  if (fresh) return {};
  auto said = io::read_file(file, kLongest);
  if (!said) return std::unexpected(said.error());
  auto owner = trimmed(*said);
  if (owner == w.owner || owner.empty()) return {};  // empty: whoever made it was killed before a word
  return fail(Code::refused, fmt::format("{} belongs to {}, and this is {}", w.at, printable(owner), w.owner),
              "another `at:`, such as one with ${environment} in it; or remove " + file);
}

Result<> the_place(const Work& w) {
  for (auto kind : {"/folders", "/releases", "/shared"})
    if (auto made = make_folder(w.at + kind); !made) return made;
  return nobody_elses(w);
}

struct Gone {  // a download, whatever becomes of it
  std::string path;
  ~Gone() { ::unlink(path.c_str()); }
};

Made from_archive(const Work& w) {
  auto folder = folder_of(w);
  Gone archive{folder + std::string(run::kArchive)}, sums{folder + std::string(run::kSums)};
  Bounds bounds;
  auto expected = expected_sum(w.sha256, w.archive, sums.path);
  if (!expected) return std::unexpected(expected.error());
  auto file = open_archive(w.archive, archive.path, bounds.packed);
  if (!file) return std::unexpected(file.error());
  auto sum = sha256_of(file->get());
  if (!sum) return std::unexpected(sum.error());
  if (*sum != *expected)
    return fail(Code::invalid, shown_url(w.archive) + " is not what was meant: its SHA-256 is " + *sum,
                "expected " + *expected + "; nothing of it was unpacked");
  if (auto unpacked = unpack(file->get(), *sum, folder, bounds); !unpacked) return std::unexpected(unpacked.error());
  return spec::Json{{"artifact", "sha256:" + *sum}};
}

// Tools that tell versions apart look for the file REVISION, as Capistrano writes it.
Made from_git(const Work& w) {
  auto commit = fetch_by_git(folder_of(w), w.git, w.ref);
  if (!commit) return std::unexpected(commit.error());
  auto file = folder_of(w) + "/REVISION";
  if (::access(file.c_str(), F_OK) != 0)
    if (auto written = io::replace_file(file, *commit + "\n", 0644, io::Sync::no); !written)
      return std::unexpected(written.error());
  return spec::Json{{"artifact", *commit}};
}

// A half that was fetched is of no use, and a full disk wants it back.
Made begin(const Work& w) {
  auto named = where(whole_of(w, w.name));
  if (!named) return std::unexpected(named.error());
  if (*named) return fail(Code::refused, folder_of(w) + " is whole, and serves perhaps: it is not made anew");
  if (auto there = the_place(w); !there) return std::unexpected(there.error());
  for (auto& name : w.leftovers)
    if (auto gone = remove_tree(run::folder_at(w.at, name)); !gone) return std::unexpected(gone.error());
  if (auto empty = empty_folder(folder_of(w)); !empty) return std::unexpected(empty.error());
  if (w.git.empty() && w.archive.empty()) return spec::Json::object();
  auto made = w.git.empty() ? from_archive(w) : from_git(w);
  if (!made) (void)remove_tree(folder_of(w));
  return made;
}

Made share_into(const Work& w) { return nothing(share(folder_of(w), w.shared, w.at + "/shared", w.adopt)); }

// The history is no part of a release, and no web server should find it there.
Made whole(const Work& w) {
  auto folder = folder_of(w);
  if (!w.git.empty())
    if (auto gone = remove_tree(folder + "/.git"); !gone) return std::unexpected(gone.error());
  if (auto synced = sync_tree(folder); !synced) return std::unexpected(synced.error());
  return nothing(point(whole_of(w, w.name), "../folders/" + w.name));
}

// Whom `current` was pointed to before, by somebody else, is asked for: it is what serves.
Made adopt(const Work& w) {
  struct stat about{};
  if (::stat(w.adopt.c_str(), &about) != 0 || !S_ISDIR(about.st_mode))
    return fail(Code::invalid, "`adopt`: there is no folder " + w.adopt);
  if (auto there = the_place(w); !there) return std::unexpected(there.error());
  if (auto named = point(whole_of(w, w.name), w.adopt); !named) return std::unexpected(named.error());
  auto current = where(run::current_at(w.at));
  if (!current) return std::unexpected(current.error());
  if (!*current) return nothing(point(run::current_at(w.at), "releases/" + w.name));
  struct stat now{};
  bool same =
      ::stat(run::current_at(w.at).c_str(), &now) == 0 && now.st_ino == about.st_ino && now.st_dev == about.st_dev;
  if (same) return spec::Json::object();
  return fail(Code::refused, run::current_at(w.at) + " leads to " + **current + ", and `adopt` says " + w.adopt,
              "which of the two serves? Leave `adopt` out, or point `current` to it");
}

Made current(const Work& w) {
  struct stat about{};
  auto target = w.target.starts_with('/') ? w.target : w.at + "/" + w.target;
  if (::stat(target.c_str(), &about) != 0 || !S_ISDIR(about.st_mode))
    return fail(Code::invalid, target + " is not there any more, so `current` stays as it is");
  return nothing(point(run::current_at(w.at), w.target));
}

Made nobody(const Work& w) {
  auto now = where(run::current_at(w.at));
  if (!now) return std::unexpected(now.error());
  if (*now != "releases/" + w.name) return spec::Json::object();
  return nothing(unpoint(run::current_at(w.at)));
}

// First the name, in one step; what is behind it is nobody's then.
Made remove(const Work& w) {
  for (auto& name : w.names)
    if (auto gone = unpoint(whole_of(w, name)); !gone) return std::unexpected(gone.error());
  for (auto& name : w.names)
    if (auto gone = remove_tree(run::folder_at(w.at, name)); !gone) return std::unexpected(gone.error());
  return spec::Json::object();
}

constexpr std::pair<std::string_view, Made (*)(const Work&)> kActs[] = {
    {"begin", begin},     {"share", share_into}, {"whole", whole},  {"adopt", adopt},
    {"current", current}, {"nobody", nobody},    {"remove", remove}};

}  // namespace

Result<spec::Json> carry_out(const Work& work) {
  for (auto& [act, carry] : kActs)
    if (act == work.act) return carry(work);
  return fail(Code::invalid, "no such work: " + work.act);
}

int folder_work(const std::string& request) {
  auto json = spec::parse_json(request);
  auto work = json ? spec::decoded<Work>(spec::from_json(*json), "work") : std::unexpected(json.error());
  auto made = work ? carry_out(*work) : std::unexpected(work.error());
  auto line = made ? spec::dump(*made) : to_string(made.error());
  (void)io::write_all(STDOUT_FILENO, line + "\n");
  return made ? 0 : 1;
}

}  // namespace davy::folders
