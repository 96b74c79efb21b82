// What came from outside may repeat a secret that was sent there: it is taken out before anybody else sees it.
#pragma once
#include "ports/probe.h"
#include "ports/secret_look.h"

namespace davy::ports {

// Every text of what a probe saw: its sentence, its words, its evidence.
void mask(Observation&, SecretLook&);

Error masked(Error, SecretLook&);

}  // namespace davy::ports
