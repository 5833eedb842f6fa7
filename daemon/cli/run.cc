#include <csignal>

#include "core/base/log.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/report_error.h"
#include "daemon/runtime.h"
#include "daemon/service.h"

namespace postern::daemon {

ExitStatus run_command(const RunCommand&, const config::Config& config, Console& console) {
  log::configure(config.log.level, config.log.format);
  const auto runtime = Runtime::start(config, "postern run");
  if (!runtime) return report(runtime.error(), console);
  Loop& loop = (*runtime)->loop();
  {
    Service service(config, **runtime);
    if (const auto listening = service.listen(); !listening) return report(listening.error(), console);
    const auto stop = [&service] {
      log::info("stopping");
      service.stop();
    };
    loop.on_signal(SIGTERM, stop);
    loop.on_signal(SIGINT, stop);
    loop.on_signal(SIGHUP, [] { log::info("SIGHUP: the configuration is read at the start; restart to change it"); });
    log::info("postern " POSTERN_VERSION " runs with " + std::to_string(config.accounts.size()) + " accounts, vault " +
              config.vault_path);
    loop.run(service.run());
    const auto ignore = [] {};
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) loop.on_signal(signal, ignore);
  }
  const auto closed = (*runtime)->close();
  if (!closed) return report(closed.error(), console);
  log::info("stopped");
  return ExitStatus::done;
}

}  // namespace postern::daemon
