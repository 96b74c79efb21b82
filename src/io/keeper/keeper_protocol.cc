#include "io/keeper/keeper_protocol.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

#include "io/secrets/encodings.h"

namespace davy::io {
namespace {

constexpr std::uint8_t kVersion = 5;
constexpr std::size_t kUsualMessage = 16 * 1024;  // reserved: growing would leave copies of secrets behind

template <class T>
concept Traveller = requires(T& m) { m.members(); };

// What messages are made of and does not know how it travels.
template <class T>
concept IsAct = std::same_as<std::remove_const_t<T>, ports::Act>;
template <class T>
concept IsMove = std::same_as<std::remove_const_t<T>, ports::Move>;
template <class T>
concept IsOpen = std::same_as<std::remove_const_t<T>, ports::Guard::Open>;

auto members_of(Traveller auto& m) { return m.members(); }
auto members_of(IsAct auto& a) { return std::tie(a.address, a.text, a.argv, a.cwd, a.env, a.secret_env, a.expect); }
auto members_of(IsMove auto& m) {
  return std::tie(m.what, m.host, m.acts, m.proof, m.expect, m.lacks, m.within, m.missing, m.left);
}
auto members_of(IsOpen auto& o) { return std::tie(o.what, o.why); }

// One list of fields per message serves both directions. A reader that runs out of bytes turns bad and stays so.
class Writer {
 public:
  std::string text;
  void operator()(const auto&... fields) { (put(fields), ...); }

 private:
  void put(std::uint64_t n) {
    std::array<char, 8> bytes;
    std::memcpy(bytes.data(), &n, 8);
    text.append(bytes.data(), 8);
  }
  void put(const std::string& s) { put(std::uint64_t{s.size()}), text.append(s); }
  void put(Duration d) { put(static_cast<std::uint64_t>(d.count())); }
  void put(const std::optional<int>& n) {
    put(std::uint64_t{n.has_value()}), put(static_cast<std::uint64_t>(n.value_or(0)));
  }
  void put(bool b) { put(std::uint64_t{b}); }
  void put(Time t) { put(t.time_since_epoch()); }
  void put(const std::map<std::string, SecretRef>& map) {
    put(std::uint64_t{map.size()});
    for (const auto& [variable, secret] : map) put(variable), put(secret.name);
  }
  template <class T>
  void put(const std::vector<T>& list) {
    put(std::uint64_t{list.size()});
    for (const auto& item : list) put(item);
  }
  void put(const std::map<std::string, std::string>& map) {
    put(std::uint64_t{map.size()});
    for (const auto& [key, value] : map) put(key), put(value);
  }
  void put(const auto& message)
    requires requires { members_of(message); }
  {
    std::apply(*this, members_of(message));
  }
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  bool good = true;
  bool at_end() const { return text_.empty(); }
  void operator()(auto&... fields) { (get(fields), ...); }

 private:
  void get(std::uint64_t& n) {
    good = good && text_.size() >= 8;
    n = 0;
    if (!good) return;
    std::memcpy(&n, text_.data(), 8);
    text_.remove_prefix(8);
  }
  std::uint64_t count() {
    std::uint64_t n = 0;
    get(n);
    good = good && n <= text_.size();  // every item has a byte or more, except no text at all
    return good ? n : 0;
  }
  void get(std::string& s) {
    auto n = count();
    s.assign(text_.substr(0, n));
    text_.remove_prefix(n);
  }
  void get(Duration& d) {
    std::uint64_t n = 0;
    get(n);
    d = Duration(static_cast<std::int64_t>(n));
  }
  void get(std::optional<int>& o) {
    std::uint64_t has = 0, n = 0;
    get(has), get(n);
    if (has) o = static_cast<int>(n);
  }
  void get(bool& b) {
    std::uint64_t n = 0;
    get(n);
    b = n != 0;
  }
  template <class T>
  void get(std::vector<T>& list) {
    for (auto n = count(); good && n > 0; --n) get(list.emplace_back());
  }
  void get(std::map<std::string, std::string>& map) {
    for (auto n = count(); good && n > 0; --n) {
      std::string key;
      get(key);
      get(map[key]);
    }
  }
  void get(Time& t) {
    Duration since{};
    get(since);
    t = Time(since);
  }
  void get(std::map<std::string, SecretRef>& map) {
    for (auto n = count(); good && n > 0; --n) {
      std::string variable;
      get(variable);
      get(map[variable].name);
    }
  }
  void get(auto& message)
    requires requires { members_of(message); }
  {
    std::apply(*this, members_of(message));
  }

  std::string_view text_;
};

void fields(auto& archive, Traveller auto& message) { std::apply(archive, message.members()); }
void fields(auto& archive, ports::Guard::Taken& t) { archive(t.at, t.done, t.open); }
void fields(auto& archive, const ports::Guard::Taken& t) { archive(t.at, t.done, t.open); }
void fields(auto&, const Spool::NeverBegan&) {}
void fields(Writer& w, const Ended& e) { w(e.exit_code, e.signal, e.timed_out, e.took); }
void fields(Reader& r, Ended& e) { r(e.exit_code, e.signal, e.timed_out, e.took); }
void fields(auto& archive, Answered& a) { fields(archive, a.end), archive(a.output); }
void fields(auto& archive, const Answered& a) { fields(archive, a.end), archive(a.output); }
void fields(Writer& w, const Error& e) { w(static_cast<std::uint64_t>(e.code), e.message, e.hint); }
void fields(Reader& r, Error& e) {
  std::uint64_t code = 0;
  r(code, e.message, e.hint);
  e.code = static_cast<Code>(code);
}

template <class Variant>
std::string encoded(std::uint64_t number, const Variant& message) {
  Writer writer;
  writer.text.reserve(kUsualMessage);
  writer.text += static_cast<char>(kVersion);
  writer(number, std::uint64_t{message.index()});
  std::visit([&](const auto& m) { fields(writer, m); }, message);
  return std::move(writer.text);
}

template <class Variant, std::size_t I = 0>
bool read_alternative(std::uint64_t index, Reader& reader, Variant& message) {
  if constexpr (I < std::variant_size_v<Variant>) {
    if (index != I) return read_alternative<Variant, I + 1>(index, reader, message);
    fields(reader, message.template emplace<I>());
    return reader.good && reader.at_end();
  }
  return false;
}

template <class Variant>
Result<> decoded(std::string_view text, std::uint64_t& number, Variant& message) {
  if (text.empty() || text[0] != static_cast<char>(kVersion))
    return fail(Code::internal, "the keeper and this Davy are of different versions",
                "end the run, or use the other Davy");
  Reader reader(text.substr(1));
  std::uint64_t index = 0;
  reader(number, index);
  if (reader.good && read_alternative(index, reader, message)) return {};
  return fail(Code::internal, "a message between Davy and its keeper is garbled");
}

}  // namespace

std::string encode(const NumberedRequest& r) { return encoded(r.number, r.request); }
std::string encode(const NumberedReply& r) { return encoded(r.number, r.reply); }

Result<NumberedRequest> decode_request(std::string_view text) {
  NumberedRequest r;
  if (auto done = decoded(text, r.number, r.request); !done) return std::unexpected(done.error());
  return r;
}

Result<NumberedReply> decode_reply(std::string_view text) {
  NumberedReply r;
  if (auto done = decoded(text, r.number, r.reply); !done) return std::unexpected(done.error());
  return r;
}

void wipe(std::map<std::string, std::string>& values) {
  for (auto& [name, value] : values) wipe(value);
}

void wipe(Command& command) {
  wipe(command.secret_env);
  wipe(command.masked);
}

void wipe(Request& request) {
  std::visit(
      [](auto& m) {
        if constexpr (requires { m.secret_env; }) wipe(m.secret_env);
        if constexpr (requires { m.secrets; }) wipe(m.secrets);
        if constexpr (requires { m.command; }) wipe(m.command);
      },
      request);
}

std::vector<std::string> to_packets(std::string_view message) {
  std::vector<std::string> packets;
  do {
    auto part = message.substr(0, kLargestPacket - 1);
    message.remove_prefix(part.size());
    auto& packet = packets.emplace_back();
    packet.reserve(part.size() + 1);  // growing would leave a copy behind
    packet += message.empty() ? '.' : '+';
    packet += part;
  } while (!message.empty());
  return packets;
}

Assembler::~Assembler() { wipe(message_); }

Assembler::State Assembler::add(std::string_view packet) {
  if (packet.empty() || message_.size() + packet.size() > kLargestMessage) return State::broken;
  message_.append(packet.substr(1));
  return packet[0] == '+' ? State::more : State::whole;
}

std::string Assembler::take() { return std::exchange(message_, {}); }

}  // namespace davy::io
