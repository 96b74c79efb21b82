#include "ports/masked.h"

namespace davy::ports {
namespace {

void mask(spec::Value& v, SecretLook& secrets) {
  if (auto text = std::get_if<std::string>(&v.is)) *text = secrets.masked(*text);
  if (auto list = std::get_if<spec::List>(&v.is))
    for (auto& item : *list) mask(item, secrets);
  if (auto map = std::get_if<spec::Map>(&v.is))
    for (auto& entry : *map) mask(entry.value, secrets);
}

}  // namespace

void mask(Observation& seen, SecretLook& secrets) {
  seen.says = secrets.masked(seen.says);
  for (auto& [name, word] : seen.words) word = secrets.masked(word);
  mask(seen.evidence, secrets);
}

Error masked(Error e, SecretLook& secrets) {
  e.message = secrets.masked(e.message), e.hint = secrets.masked(e.hint);
  return e;
}

}  // namespace davy::ports
