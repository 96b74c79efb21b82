// What the series of a signal are called, as far as its options alone tell: so that a rule on one that does not exist
// is a mistake in the plan, not a rule that never holds. "" is the signal itself. Tests see to it that no source says
// more.
#pragma once
#include "providers/signal/app_log.h"
#include "providers/signal/container.h"
#include "providers/signal/machine.h"
#include "providers/signal/postgres.h"
#include "providers/signal/redis.h"
#include "providers/signal/sentry.h"
#include "providers/signal/vitals.h"

namespace davy::providers {

using Fields = std::vector<std::string>;

Fields fields_of(const CgroupSignal&);
Fields fields_of(const ContainerSignal&);
Fields fields_of(const DiskSignal&);
Fields fields_of(const LinesSignal&);
Fields fields_of(const MachineSignal&);
Fields fields_of(const PostgresSignal&);
Fields fields_of(const ProcessSignal&);
Fields fields_of(const RedisSignal&);
Fields fields_of(const SentrySignal&);
Fields fields_of(const VitalsSignal&);

}  // namespace davy::providers
