// One request as one line of JSON, with the fields under names that somebody chose: nginx with escape=json, Caddy,
// Traefik, Envoy, and whatever a service writes itself. Not a JSON library: it walks over the line once, compares keys,
// and looks at the values behind those it was told of. What is no object on one line, or ends early, is broken; so is
// what tells of a request but not of its status. What tells of neither is something else that the service has to say.
#pragma once
#include <array>
#include <string>
#include <vector>

#include "base/error.h"
#include "signals/formats/parts.h"
#include "signals/traffic/block.h"

namespace davy::signals {

// A field of the log and what it says. A name with dots is a way into nested objects (`request.uri`), or the name
// itself.
struct JsonField {
  std::string name;
  Part part = Part::skip;
  bool operator==(const JsonField&) const = default;
};

enum class Saying : std::uint8_t { something, nothing };

class JsonLog {
 public:
  // Where a line has several fields for one thing, the first of this list wins. Invalid: no status, a name twice.
  static Result<JsonLog> of(std::vector<JsonField>, const FormatOptions& = {});

  // "nginx", "caddy", "traefik", "envoy" and those of json_products.cc, or "" for the names that most loggers use;
  // empty for what is none of these.
  static std::vector<JsonField> usual(std::string_view product);

  // "status=code,latency=took:ms,server=pod.name": names for status, latency (:s, :ms, :us, :ns; s), time, start,
  // server, backend, release, client, method, path, request, host, bytes, upstream, grpc, failed; for what is not named
  // the usual ones, or those of a product that stands first: "caddy,latency=duration:ms".
  static Result<std::vector<JsonField>> named(std::string_view text);

  // Keys of which a line of that product has all; empty for what is no product.
  static std::span<const std::string_view> sure_signs(std::string_view product);

  // The fields of this line that say what they are for, or those that do not, as a latency without its unit; those that
  // win first.
  std::vector<JsonField> found_in(std::string_view, Saying = Saying::something) const;

  Parsed parse(std::string_view, Request&, Want = Want::all) const;
  // The same of each of them; the marks are those of kDividers.
  static constexpr Dividers kDividers{.first = '"', .second = '\\'};
  void parse(std::span<LineRead>, const Marks&, Recent&, Want) const;
  bool operator==(const JsonLog&) const = default;

 private:
  static constexpr std::size_t kSlots = 256;
  static constexpr std::uint8_t kNone = 255;
  // One object's wanted keys, found by length, first and last letter; `seed` was chosen so that none share a slot.
  struct Node {
    struct Key {
      std::string name;
      std::uint8_t field = kNone, child = kNone;
      bool operator==(const Key&) const = default;
    };
    std::vector<Key> keys;
    std::uint32_t seed = 1;
    std::array<std::uint8_t, kSlots> slots{};
    const Key* find(std::string_view) const;
    bool arrange();
    bool operator==(const Node&) const = default;
  };
  struct Values;
  struct Keys;
  class Reader;
  Parsed parse_one(std::string_view, const Marks&, Request&, Want, TimeReader&, Keys&) const;

  bool tells_of_a_request(std::uint64_t fields) const;
  bool add(std::size_t field);
  Node::Key& key(std::size_t node, std::string_view name);

  std::vector<JsonField> fields_;
  std::vector<Node> nodes_;
  std::uint64_t statuses_ = 0;
  std::uint64_t upstreams_ = 0;  // bit i: fields_[i] is one
  Duration zone_{};
};

}  // namespace davy::signals
