// Steps as a tree, by the segments of their paths. Groups of steps that stand side by side under the same name are one.
#pragma once
#include <string>
#include <vector>

#include "view/view.h"

namespace davy::view {

struct Node {
  std::string name;
  int step = -1;  // index into the steps; -1: a group
  std::vector<Node> children;
  bool folded = false;
  bool group() const { return step < 0; }
};

struct Place {
  std::string path, says;
};

// The segment that all share (rollout/) is left out.
Node tree_of(const std::vector<Place>&);

// Calls f(index) for every step below.
template <class F>
void each_step(const Node& n, F f) {
  if (!n.group()) return f(static_cast<std::size_t>(n.step));
  for (auto& child : n.children) each_step(child, f);
}

}  // namespace davy::view
