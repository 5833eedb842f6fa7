#pragma once

#include "core/sync/source_writer.h"
#include "tests/support/model/faults.h"
#include "tests/support/model/model_server.h"

namespace postern::testing {

/// Sessions that may delete on a ModelServer as a source. Calls: "writer.connect", "writer.open", "writer.list",
/// "writer.store", "writer.expunge".
class ModelSourceWriter final : public sync::SourceWriterConnector {
 public:
  ModelSourceWriter(ModelServer& server, Faults& faults, Scheduler& scheduler)
      : server_(server), faults_(faults), scheduler_(scheduler) {}
  Task<Result<std::unique_ptr<sync::SourceWriter>>> connect(Wait wait) override;

 private:
  ModelServer& server_;
  Faults& faults_;
  Scheduler& scheduler_;
};

}  // namespace postern::testing
