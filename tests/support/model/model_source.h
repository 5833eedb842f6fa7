#pragma once

#include "tests/support/model/faults.h"
#include "tests/support/model/model_server.h"

namespace postern::testing {

/// Sessions with a ModelServer as a source.
class ModelSource final : public sync::SourceConnector {
 public:
  ModelSource(ModelServer& server, Faults& faults, Scheduler& scheduler)
      : server_(server), faults_(faults), scheduler_(scheduler) {}
  Task<Result<std::unique_ptr<sync::Source>>> connect(Wait wait) override;

 private:
  ModelServer& server_;
  Faults& faults_;
  Scheduler& scheduler_;
};

}  // namespace postern::testing
