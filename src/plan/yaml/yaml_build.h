// yaml-cpp's events -> spec::Value. Only src/plan/yaml*.cc know yaml-cpp.
#pragma once
#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <map>
#include <optional>
#include <set>

#include "plan/yaml/yaml_text.h"
#include "spec/diagnostics.h"

namespace davy::plan {

struct TooMuch {};  // thrown to leave the parser; the reason is in the diagnostics

class Builder : public YAML::EventHandler {
 public:
  Builder(std::string_view text, spec::Diagnostics& d) : text_(text), lines_(lines_of(text)), d_(d) {}
  std::optional<spec::Value> take() { return std::move(root_); }
  const std::set<int>& broken() const { return broken_; }  // lines of which something was left out
  void finish();                                           // what only the end shows: anchors that nothing refers to

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override;
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override;
  void OnScalar(const YAML::Mark&, const std::string& tag, YAML::anchor_t, const std::string& value) override;
  void OnSequenceStart(const YAML::Mark&, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override;
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark&, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override;
  void OnMapEnd() override { close(); }
  void OnAnchor(const YAML::Mark&, const std::string& name) override;

 private:
  struct Key {
    std::string text;
    spec::Mark mark;
    bool refused = false;  // told already: its value is left out
  };
  struct Frame {  // a list or a map that is still open
    spec::Value value;
    YAML::anchor_t anchor = 0;
    bool flow = false;
    std::optional<Key> key;           // of a map: the one that waits for its value
    std::map<std::string, int> seen;  // its keys and their lines
    std::size_t nodes_before = 0;
  };
  struct Anchor {
    std::string name;
    spec::Mark mark;
    std::optional<spec::Value> value;  // nothing while it is open: an alias to it is a cycle
    std::size_t nodes = 1;
    bool used = false;
  };

  void begin_node(spec::Value, YAML::anchor_t, YAML::EmitterStyle::value);
  void close();
  void put(spec::Value, bool alias = false);
  void put_key(const spec::Value&, bool alias);
  void count(std::size_t nodes, spec::Mark);
  void refuse_tag(const std::string& tag, spec::Mark);
  bool refuse_block_header(spec::Mark, std::string_view from);
  void refuse_open_quote(spec::Mark, std::string_view from);
  spec::Mark place_of_item(spec::Mark) const;
  void refuse_lone_key(const Frame&, const Key&, spec::Mark);
  void remember(YAML::anchor_t, const spec::Value&, std::size_t nodes);

  std::string_view text_;
  std::vector<std::string_view> lines_;
  spec::Diagnostics& d_;
  std::optional<spec::Value> root_;
  std::vector<Frame> open_;
  std::map<YAML::anchor_t, Anchor> anchors_;
  std::optional<Anchor> coming_;  // named, its node not yet begun
  std::size_t nodes_ = 0;
  std::set<int> broken_;
};

}  // namespace davy::plan
