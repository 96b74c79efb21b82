#include "folders/git.h"

#include <algorithm>

#include "base/shown_url.h"
#include "base/text.h"
#include "folders/program.h"

namespace davy::folders {
namespace {

using Words = std::vector<std::string>;

// `git rev-parse --local-env-vars`: who deploys from a hook has these set, and they would lead git elsewhere.
const Words kOfOthers{"GIT_ALTERNATE_OBJECT_DIRECTORIES",
                      "GIT_CONFIG",
                      "GIT_CONFIG_PARAMETERS",
                      "GIT_CONFIG_COUNT",
                      "GIT_OBJECT_DIRECTORY",
                      "GIT_DIR",
                      "GIT_WORK_TREE",
                      "GIT_IMPLICIT_WORK_TREE",
                      "GIT_GRAFT_FILE",
                      "GIT_INDEX_FILE",
                      "GIT_NO_REPLACE_OBJECTS",
                      "GIT_REPLACE_REF_BASE",
                      "GIT_PREFIX",
                      "GIT_SHALLOW_FILE",
                      "GIT_COMMON_DIR",
                      "GIT_NAMESPACE",
                      "GIT_QUARANTINE_PATH",
                      "GIT_INTERNAL_SUPER_PREFIX"};
const Words kAsked{"GIT_TERMINAL_PROMPT=0", "LC_ALL=C"};  // nobody is there to answer; its words are looked through

Words git(const std::string& folder, const Words& more) {
  Words out{"git", "-C", folder, "-c", "core.hooksPath=/dev/null", "-c", "advice.detachedHead=false"};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

std::string instead(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); !from.empty() && at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

// git leaves out who asks for an address, and says what stands behind its `?`, with more behind it.
std::string masked(const std::string& said, const std::string& url) {
  auto query = std::min(url.find('?'), url.size());
  return instead(instead(said, url, shown_url(url)), url.substr(query), "?…");
}

bool is_not_there(const Error& e) {
  return e.message.contains("find remote ref") || e.message.contains("not our ref") ||
         e.message.contains("no such remote ref");
}

}  // namespace

// git-check-ref-format(1), and what refspecs and options begin with.
Result<> fits_as_ref(const std::string& ref) {
  bool odd = ref.empty() || std::string_view("-+/^@").contains(ref.front()) || ref.ends_with('/') ||
             ref.ends_with('.') || ref.ends_with(".lock") || ref.contains("..") || ref.contains("//") ||
             ref.contains("@{") || std::ranges::any_of(ref, [](unsigned char c) {
               return c <= ' ' || c == 0x7f || std::string_view("~^:?*[\\").contains(static_cast<char>(c));
             });
  if (!odd) return {};
  return fail(Code::invalid, "`" + printable(ref) + "` is no name of git's", "a tag, a branch, or a whole commit");
}

std::vector<Words> git_commands(const std::string& folder, const std::string& url, const std::string& ref) {
  return {git(folder, {"init", "--quiet", "--template="}),
          git(folder, {"fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--", url, ref}),
          git(folder, {"checkout", "--quiet", "--force", "--detach", "FETCH_HEAD", "--"}),
          git(folder, {"rev-parse", "--verify", "HEAD"})};
}

Result<std::string> fetch_by_git(const std::string& folder, const std::string& url, const std::string& ref) {
  if (auto fits = fits_as_ref(ref); !fits) return std::unexpected(fits.error());
  std::string said;
  for (auto& argv : git_commands(folder, url, ref)) {
    auto output = run_program(argv, kAsked, kOfOthers);
    if (!output) {
      auto error = output.error();
      error.message = masked(error.message, url);
      error.hint = is_not_there(error) ? "a tag, a branch or a whole commit that the repository has"
                                       : "the same by hand: git ls-remote " + shown_url(url);
      return std::unexpected(error);
    }
    said = std::string(trimmed(*output));
  }
  return said;
}

}  // namespace davy::folders
