// What the series of a signal are called, as far as its options alone tell: so that a rule on one that does not exist
// is a mistake in the plan, not a rule that never holds. "" is the signal itself. Tests see to it that no source says
// more.
#pragma once
#include <string>
#include <vector>

namespace davy::providers {

struct CgroupSignal;
struct ContainerSignal;
struct DiskSignal;
struct LinesSignal;
struct MachineSignal;
struct PostgresSignal;
struct ProcessSignal;
struct RedisSignal;
struct SentrySignal;
struct VitalsSignal;

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
