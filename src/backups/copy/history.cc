#include "backups/copy/history.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace davy::backups {
namespace {

constexpr std::size_t kMost = 256 * 1024;
constexpr std::size_t kKept = 20;
constexpr std::size_t kCounted = 5;

std::string file_of(const Shelf& shelf) { return fmt::format("{}/.{}.proofs", shelf.into(), file_name(shelf.name())); }

}  // namespace

std::optional<Usual> usual(const std::vector<PastProof>& past, const std::string& of) {
  std::vector<Duration> took;
  for (auto it = past.rbegin(); it != past.rend() && took.size() < kCounted; ++it)
    if (it->of == of) took.push_back(it->took());
  if (took.empty()) return {};
  auto middle = took.begin() + static_cast<std::ptrdiff_t>(took.size() / 2);
  std::ranges::nth_element(took, middle);
  return Usual{*middle, static_cast<int>(took.size())};
}

std::vector<PastProof> past_proofs(const Shelf& shelf) {
  std::vector<PastProof> out;
  auto text = io::read_if_there(file_of(shelf), kMost);
  if (!text) return out;
  for (auto line : split(text->value_or(""), '\n')) {
    auto json = spec::parse_json(line);
    auto one = json ? spec::decoded<PastProof>(spec::from_json(*json), file_of(shelf)) : fail(Code::invalid, "");
    if (one) out.push_back(*std::move(one));
  }
  return out;
}

Result<> note_proof(const Shelf& shelf, const Copy& copy, const Proof& proof) {
  auto all = past_proofs(shelf);
  all.push_back({proof.at, whose(copy.manifest), proof.restore, proof.compare, copy.manifest.unpacked()});
  if (all.size() > kKept) all.erase(all.begin(), all.end() - kKept);
  std::string text;
  for (auto& one : all) text += spec::dump(spec::encode(one)) + "\n";
  return io::replace_file(file_of(shelf), text, 0600, io::Sync::no);
}

std::string whose(const Manifest& m) { return fmt::format("{}/{}{}", m.source.at, m.source.database, m.path); }

}  // namespace davy::backups

namespace davy::spec {

template <>
inline constexpr auto kFields<backups::PastProof> = std::tuple{
    required("at", &backups::PastProof::at, "when"), required("of", &backups::PastProof::of, "whose data it was"),
    required("restore", &backups::PastProof::restore, "how long restoring took"),
    optional("compare", &backups::PastProof::compare, "how long comparing took"),
    optional("bytes", &backups::PastProof::bytes, "how large the copy was, unpacked")};
template <>
const core::Table& table_of<backups::PastProof>() {
  return MadeTable<backups::PastProof>::get();
}

}  // namespace davy::spec
