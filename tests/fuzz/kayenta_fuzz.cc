// Any text is a canary configuration or an error; what was read judges any samples to a score from 0 to 100.
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "judge/kayenta/kayenta.h"

namespace {

using namespace davy::judge;

void require(bool held) {
  if (!held) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto config = kayenta::parse(text);
  if (!config) {
    require(!config.error().message.empty());
    return 0;
  }
  kayenta::Samples any;  // the text's bytes are the samples, too
  for (std::size_t i = 0; i + sizeof(double) <= size && i < 50 * sizeof(double); i += sizeof(double)) {
    double value = 0;
    std::memcpy(&value, data + i, sizeof value);
    (i % 16 ? any.canary : any.baseline).push_back(value);
  }
  std::map<std::string, kayenta::Samples> samples;
  for (auto& metric : config->metrics) samples[metric.name] = any;
  auto report = kayenta::judge(*config, samples);
  require(report.metrics.size() == config->metrics.size());
  require(report.score >= 0 && report.score <= 100.01);
  require(!report.sentence.empty());
  return 0;
}
