#include "migrations/ledger/folder.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "migrations/ledger/deeds.h"

namespace davy::migrations {
namespace {

struct Named {
  std::string version, name;
  bool down = false;
};

// Nothing: it is not one of ours.
std::optional<Named> named(std::string_view file) {
  if (!file.ends_with(".sql")) return {};
  file.remove_suffix(4);
  Named out;
  out.down = file.ends_with(".down");
  if (out.down || file.ends_with(".up")) file = file.substr(0, file.rfind('.'));
  auto digits = std::min(file.find_first_not_of("0123456789"), file.size());
  if (digits == 0 || digits > 20) return {};
  if (digits < file.size() && file[digits] != '_' && file[digits] != '-') return {};
  out.version = file.substr(0, digits), out.name = file;
  return out;
}

// Files of other tools hold both ways; carried out whole, the second would undo the first.
std::string both_ways(std::string_view text) {
  static constexpr std::string_view kMarks[] = {"-- migrate:down", "-- +goose down", "-- +migrate down", "--//@undo"};
  int number = 0;
  for (auto line : split(text, '\n')) {
    ++number;
    std::string low;
    for (char c : trimmed(line)) low += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    for (auto mark : kMarks)
      if (low.starts_with(mark)) return fmt::format("line {}: `{}`", number, trimmed(line));
  }
  return {};
}

// Files that say BEGIN and COMMIT themselves are meant as what each file is anyway.
void without_its_own_transaction(std::vector<Statement>& all) {
  if (all.size() < 2 || !opens_transaction(all.front()) || !commits_transaction(all.back())) return;
  all.pop_back();
  all.erase(all.begin());
}

std::string mistake_in(const Way& way) {
  for (auto& s : way.statements) {
    if (opens_transaction(s) || ends_transaction(s))
      return fmt::format("line {}: `{}` in the middle: {}", s.line, s.tokens.front().text,
                         way.outside ? "each of its statements is a transaction of its own"
                                     : "the file is one transaction, with the record of it");
    auto index = index_deed(s);
    if (way.outside && index.is == IndexDeed::Is::builds && index.concurrently && index.index.none())
      return fmt::format("line {}: an index without a name: nobody could look up what became of it", s.line);
  }
  return {};
}

class Reading {
 public:
  Folder all(std::vector<File> files) {
    std::ranges::sort(files, {}, &File::name);
    for (auto& file : files) take(file);
    for (auto& [name, down] : downs_) fault(down.file, "a way down without a way up beside it: " + name + ".up.sql");
    std::ranges::stable_sort(out_.migrations,
                             [](auto& a, auto& b) { return compare_versions(a.version, b.version) < 0; });
    find_twins();
    return std::move(out_);
  }

 private:
  void take(const File& file) {
    auto name = named(file.name);
    if (!name)
      return fault(file.name,
                   "no name of a migration: 0001_what_it_does.sql, or 0001_what_it_does.up.sql and "
                   "0001_what_it_does.down.sql");
    auto way = read(file);
    if (!way) return;
    if (name->down) {
      for (auto& m : out_.migrations)
        if (m.name == name->name) return void(m.down = std::move(way));
      downs_.emplace(name->name, std::move(*way));
      return;
    }
    Migration m{name->version, name->name, std::move(*way), {}};
    if (auto down = downs_.find(m.name); down != downs_.end()) m.down = std::move(down->second), downs_.erase(down);
    out_.migrations.push_back(std::move(m));
  }

  std::optional<Way> read(const File& file) {
    if (auto mark = both_ways(file.text); !mark.empty())
      return fault(file.name, mark + ": the way down is a file of its own, NUMBER_name.down.sql"), std::nullopt;
    auto script = script_of(file.text);
    if (!script.mistake.empty()) return fault(file.name, script.mistake), std::nullopt;
    Way out{file.name, checksum_of(file.text), std::move(script.statements)};
    without_its_own_transaction(out.statements);
    out.outside = std::ranges::any_of(out.statements, outside_only);
    for (auto& mark : script.marks) {
      if (mark != "no transaction")
        return fault(file.name, fmt::format("`-- davy: {}`: it knows `-- davy: no transaction` alone", mark)),
               std::nullopt;
      out.outside = true;
    }
    if (auto wrong = mistake_in(out); !wrong.empty()) return fault(file.name, wrong), std::nullopt;
    return out;
  }

  // Two people took the next number at once.
  void find_twins() {
    auto& all = out_.migrations;
    for (std::size_t i = 1; i < all.size(); ++i)
      if (compare_versions(all[i - 1].version, all[i].version) == 0)
        fault(all[i].up.file,
              fmt::format("the number of {}, too: two heads; give one of them the next number", all[i - 1].up.file));
  }

  void fault(std::string_view file, std::string_view what) {
    out_.faults.push_back(fmt::format("{}: {}", printable(file), printable(what)));
  }

  Folder out_;
  std::map<std::string, Way> downs_;
};

}  // namespace

int compare_versions(std::string_view a, std::string_view b) {
  auto plain = [](std::string_view v) { return v.substr(std::min(v.find_first_not_of('0'), v.size())); };
  a = plain(a), b = plain(b);
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b) < 0 ? -1 : a == b ? 0 : 1;
}

Folder folder_of(std::vector<File> files) { return Reading().all(std::move(files)); }

std::string sha256_of(std::string_view text) {
  std::array<unsigned char, 32> hash{};
  DAVY_CHECK(::EVP_Digest(text.data(), text.size(), hash.data(), nullptr, ::EVP_sha256(), nullptr) == 1);
  std::string out;
  for (auto byte : hash) out += fmt::format("{:02x}", byte);
  return out;
}

std::string checksum_of(std::string_view text) {
  std::string unix_ends;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') unix_ends += text[i];
  return sha256_of(unix_ends);
}

}  // namespace davy::migrations
