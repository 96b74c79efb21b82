#include "view/tree.h"

#include <algorithm>

#include "view/words.h"

namespace davy::view {

// A group is continued only when it was the last one that was open: a name that comes back later is a new group, so
// that the tree stays in the order of the runbook.
Node tree_of(const std::vector<Place>& places) {
  Node root;
  for (std::size_t i = 0; i < places.size(); ++i) {
    auto* at = &root;
    for (auto& name : groups_of(places[i].path, places[i].says)) {
      if (at->children.empty() || !at->children.back().group() || at->children.back().name != name)
        at->children.push_back({.name = name});
      at = &at->children.back();
    }
    at->children.push_back({.name = std::string(leaf_of(places[i].path, places[i].says)), .step = static_cast<int>(i)});
  }
  if (root.children.size() == 1 && root.children.front().group()) {
    auto only = std::move(root.children.front().children);
    root.children = std::move(only);
  }
  return root;
}

}  // namespace davy::view
