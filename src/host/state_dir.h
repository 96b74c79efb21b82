// Where things lie in a state directory. The store's own files are src/store's business.
#pragma once
#include <string>

#include "base/error.h"

namespace davy::host {

// Given, else $DAVY_STATE, else $XDG_STATE_HOME/davy, else ~/.local/state/davy.
// Of who runs this, whom ~ means; empty: nobody says.
std::string home_folder();

std::string state_directory(const std::string& given);

struct StateDir {
  std::string root;
  std::string spool(const std::string& run) const { return root + "/runs/" + run; }
  std::string engine_lock(const std::string& run) const { return spool(run) + "/engine.lock"; }
  std::string notices_lock(const std::string& run) const { return spool(run) + "/notices.lock"; }
  std::string notices_refused(const std::string& run) const { return spool(run) + "/notices.refused"; }
  std::string watch_lock(const std::string& stream) const { return spool(stream) + "/watch.lock"; }
  std::string serve_lock() const { return root + "/serve.lock"; }
  // Held by whoever is about to begin a run: who keeps watches lets go of what has one reader, which may be the log of
  // several services.
  std::string beginning_lock() const { return root + "/beginning.lock"; }
  std::string answers_key() const { return root + "/answers.key"; }  // signs what people answer with
  std::string freezes() const { return root + "/freezes"; }
  std::string instances() const { return root + "/instances"; }
};

}  // namespace davy::host
