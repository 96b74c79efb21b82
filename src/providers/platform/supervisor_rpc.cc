// XML-RPC: requests written and answers read by pugixml, which takes no DTD and so expands nothing that a document
// defines. What it read is walked to a depth that no answer of supervisord has.
#include <fmt/format.h>

#include <charconv>
#include <pugixml.hpp>

#include "base/text.h"
#include "providers/platform/supervisor_text.h"

namespace davy::providers {
namespace {

using spec::Json;

constexpr int kDeepest = 8;  // supervisord's own: a struct in a list in a struct

std::unexpected<Error> garbled(std::string why) {
  return fail(Code::invalid, "what was answered is not XML-RPC: " + std::move(why),
              "`server` is supervisord's own address?");
}

void write(pugi::xml_node param, const Json& value) {
  auto to = param.append_child("value");
  if (value.is_boolean())
    to.append_child("boolean").text().set(value.get<bool>() ? 1 : 0);
  else if (value.is_number_integer())
    to.append_child("int").text().set(value.get<std::int64_t>());
  else
    to.append_child("string").text().set(value.get<std::string>().c_str());
}

// A document in memory, as text.
struct Written final : pugi::xml_writer {
  void write(const void* data, std::size_t size) override { text.append(static_cast<const char*>(data), size); }
  std::string text;
};

Result<Json> read(pugi::xml_node value, int depth);

Result<Json> read_list(pugi::xml_node of, int depth) {
  auto out = Json::array();
  for (auto one : of.child("data").children("value")) {
    auto read_one = read(one, depth + 1);
    if (!read_one) return read_one;
    out.push_back(*std::move(read_one));
  }
  return out;
}

Result<Json> read_struct(pugi::xml_node of, int depth) {
  constexpr std::size_t kMostMembers = 100;  // supervisord's own have 15 to 30; each is compared with those before it
  auto out = Json::object();
  for (auto member : of.children("member")) {
    auto value = read(member.child("value"), depth + 1);
    if (!value) return value;
    if (out.size() == kMostMembers) return garbled("a struct of more than a hundred members");
    out[member.child("name").text().get()] = *std::move(value);
  }
  return out;
}

Result<Json> read_number(std::string_view text) {
  std::int64_t out = 0;
  text = trimmed(text);
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size()) return garbled("a number that is none");
  return out;
}

// Times, fractions and base64 stay text: nothing here asks for them. A value without a type is a text.
Result<Json> read(pugi::xml_node value, int depth) {
  if (!value) return garbled("a value is missing");
  if (depth > kDeepest) return garbled("it is nested too deep");
  auto typed = value.find_child([](pugi::xml_node child) { return child.type() == pugi::node_element; });
  auto type = std::string_view(typed.name());
  if (!typed) return Json(value.text().get());
  if (type == "array") return read_list(typed, depth);
  if (type == "struct") return read_struct(typed, depth);
  if (type == "nil") return Json();
  auto text = typed.text().get();
  if (type == "boolean") return Json(trimmed(text) == "1");
  if (type == "int" || type == "i4" || type == "i8") return read_number(text);
  return Json(text);
}

Result<RpcAnswer> read_fault(pugi::xml_node fault) {
  auto told = read(fault.child("value"), 0);
  if (!told) return std::unexpected(told.error());
  auto code = told->is_object() ? told->find("faultCode") : told->end();
  auto text = told->is_object() ? told->find("faultString") : told->end();
  if (code == told->end() || !code->is_number_integer()) return garbled("a fault without its code");
  RpcFault out{.code = code->get<std::int64_t>()};
  if (text != told->end() && text->is_string()) out.text = text->get<std::string>();
  return RpcAnswer{.value = {}, .fault = std::move(out)};
}

}  // namespace

std::string rpc_request(std::string_view method, const std::vector<Json>& parameters) {
  pugi::xml_document document;
  document.append_child(pugi::node_declaration).append_attribute("version") = "1.0";
  auto call = document.append_child("methodCall");
  call.append_child("methodName").text().set(std::string(method).c_str());
  auto params = call.append_child("params");
  for (auto& one : parameters) write(params.append_child("param"), one);
  Written out;
  document.save(out, "", pugi::format_raw);
  return std::move(out.text);
}

Result<RpcAnswer> rpc_answer(std::string_view body) {
  if (std::ssize(body) > kMostOfAnAnswer.value) return garbled("it is too long");
  pugi::xml_document document;
  auto parsed = document.load_buffer(body.data(), body.size(), pugi::parse_default | pugi::parse_ws_pcdata_single);
  if (!parsed) return garbled(fmt::format("{} at byte {}", parsed.description(), parsed.offset));
  auto answer = document.child("methodResponse");
  if (auto fault = answer.child("fault")) return read_fault(fault);
  auto value = read(answer.child("params").child("param").child("value"), 0);
  if (!value) return std::unexpected(value.error());
  return RpcAnswer{.value = *std::move(value)};
}

}  // namespace davy::providers
