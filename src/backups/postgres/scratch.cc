#include "backups/postgres/scratch.h"

#include <fmt/format.h>
#include <unistd.h>

#include "backups/copy/packing.h"
#include "backups/copy/room.h"
#include "backups/postgres/cluster.h"
#include "backups/tool/child.h"

namespace davy::backups {
namespace {

std::string short_sum(const Shelf& shelf) { return sha256_of_text(shelf.place()).substr(0, 12); }
std::string database_name(const Shelf& shelf, int which) {
  return fmt::format("davy_proof_{}_{}", short_sum(shelf), which);
}

constexpr const char* kDatabases[] = {"proof", "reference"};

class OwnCluster : public Scratch {
 public:
  OwnCluster(Cluster cluster, Programs programs, Source source)
      : Scratch(true, std::move(programs)), cluster_(std::move(cluster)), source_(std::move(source)) {}

  Result<> make(const char* name) {
    auto session = Session::open(cluster_.place("postgres"));
    if (!session) return std::unexpected(session.error());
    return session->run("create database " + session->name(name) + made_like(*session, source_));
  }
  Place place() const override { return cluster_.place(kDatabases[0]); }
  Result<Place> another() override {
    if (auto made = make(kDatabases[1]); !made) return std::unexpected(made.error());
    return cluster_.place(kDatabases[1]);
  }
  std::string where() const override {
    return can_confine() ? "a cluster of its own" : "a cluster of its own, not confined: this kernel has no Landlock";
  }
  Result<> close() override { return cluster_.close(); }

 private:
  Cluster cluster_;
  Source source_;
};

class OnTheServer : public Scratch {
 public:
  OnTheServer(Session session, Place source, const Shelf& shelf, Programs programs, Source like)
      : Scratch(false, std::move(programs)),
        session_(std::move(session)),
        source_(std::move(source)),
        like_(std::move(like)),
        names_{database_name(shelf, 0), database_name(shelf, 1)} {}
  ~OnTheServer() override { (void)close(); }

  Result<> make(std::size_t which) {
    return session_.run("create database " + session_.name(names_[which]) + made_like(session_, like_));
  }
  Place place() const override { return source_.at(names_[0]); }
  Result<Place> another() override {
    if (auto made = make(1); !made) return std::unexpected(made.error());
    return source_.at(names_[1]);
  }
  std::string where() const override { return "a database of the server"; }
  Result<> close() override {
    Result<> all;
    for (auto& name : names_)
      if (auto went = session_.run("drop database if exists " + session_.name(name) + " with (force)"); !went)
        all = went;
    return all;
  }

 private:
  Session session_;
  Place source_;
  Source like_;
  std::string names_[2];
};

// Nothing: this machine cannot.
Result<std::unique_ptr<Scratch>> own_cluster(const Shelf& shelf, const Copy& copy, const ScratchAt& at) {
  auto& source = copy.manifest.source;
  auto all = found_programs();
  auto programs = to_serve(source.major, all);
  auto as = ::geteuid() == 0 ? account("postgres") : std::optional<Account>();
  if (!programs || (::geteuid() == 0 && !as)) return nullptr;
  constexpr std::int64_t kEmpty = 256'000'000;  // a cluster that has nothing in it, and its log
  if (auto room = has_room(at.folder, source.bytes * 3 / 2 + kEmpty, "restoring it"); !room)
    return std::unexpected(room.error());
  auto cluster = Cluster::start(shelf, at.folder, *programs, as);
  if (!cluster) return std::unexpected(cluster.error());
  auto out = std::make_unique<OwnCluster>(*std::move(cluster), *programs, source);
  if (auto made = out->make(kDatabases[0]); !made) return std::unexpected(made.error());
  return out;
}

Result<std::unique_ptr<Scratch>> on_the_server(const Shelf& shelf, const Copy& copy, const ScratchAt& at) {
  auto& like = copy.manifest.source;
  auto programs = to_dump(like.major, found_programs());
  if (!programs) return std::unexpected(programs.error());
  auto session = Session::open(*at.source);
  if (!session) return std::unexpected(session.error());
  auto out = std::make_unique<OnTheServer>(*std::move(session), *at.source, shelf, *programs, like);
  if (auto gone = out->close(); !gone) return std::unexpected(gone.error());
  if (auto made = out->make(0); !made)
    return fail(made.error().code, "nowhere to restore it to be looked at: " + made.error().message,
                fmt::format("install postgresql-{} here, or let its role create databases", like.major));
  return out;
}

}  // namespace

Result<std::unique_ptr<Scratch>> open_scratch(const Shelf& shelf, const Copy& copy, const ScratchAt& at) {
  if (!at.folder.empty()) {
    auto own = own_cluster(shelf, copy, at);
    if (!own || *own) return own;
  }
  if (at.source) return on_the_server(shelf, copy, at);
  return fail(Code::invalid, "nowhere to restore it to be looked at",
              fmt::format("install postgresql-{} here", copy.manifest.source.major));
}

Result<> sweep_scratch(const Shelf& shelf, const ScratchAt& at) {
  if (auto own = remove_scratch_folder(shelf); !own) return own;
  if (!at.source) return {};
  auto session = Session::open(*at.source);
  if (!session) return std::unexpected(session.error());
  for (int which : {0, 1}) {
    auto gone = session->run("drop database if exists " + session->name(database_name(shelf, which)) + " with (force)");
    if (!gone) return gone;
  }
  return {};
}

std::string made_like(const Session& s, const Source& source) {
  auto out = fmt::format(" template template0 encoding {} lc_collate {} lc_ctype {}", s.text(source.encoding),
                         s.text(source.collate), s.text(source.ctype));
  if (!source.icu.empty()) out += fmt::format(" locale_provider icu icu_locale {}", s.text(source.icu));
  return out;
}

}  // namespace davy::backups
