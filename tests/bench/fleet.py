#!/usr/bin/env python3
"""./dev bench fleet: many accounts of one server pulled at once by one process: its peak memory, and what each further
account costs."""

from harness import Lab, Run, Sync, finish, fsync_ms, grid, median, must, numbers, options, parser, remove

CAPTION = """accounts pulled at once, {messages} messages each, medians of {runs} rounds; seconds unless said; a small write is on the
  disk after {fsync_ms:.1f} ms
  MiB a further one: peak memory above that of one account, for each account beyond it; at most: `limits.accounts`"""


def pull(lab, arguments, accounts, rtt, turn):
    users = [f"fleet{i}" for i in range(accounts)]
    config = lab.config(f"fleet-{accounts}-{rtt}ms-{turn}", users, lab.port(rtt=rtt), limits={"accounts": accounts},
                        source={"connections": arguments.connections})
    run = Sync(config, server=lab)
    must("messages fetched", run["messages_fetched"], accounts * arguments.messages)
    run.again = Sync(config)
    must("messages fetched by a second pass", run.again["messages_fetched"], 0)
    remove(config.parent)
    return run


def figures_of(accounts, rtt, runs, single):
    wall, peak = median(run.wall for run in runs), median(run.peak_mib for run in runs)
    return {"accounts": accounts, "rtt_ms": rtt, "messages": runs[-1]["messages_fetched"],
            "octets": runs[-1]["bytes_fetched"], "seconds": wall, "messages_per_second": runs[-1]["messages_fetched"] / wall,
            "cpu": median(run.cpu for run in runs), "server_cpu": median(run.server_cpu for run in runs), "peak_mib": peak,
            "mib_a_further_account": (peak - single) / (accounts - 1) if accounts > 1 and single else None,
            "pass_seconds": median(run.again.wall for run in runs), "pass_cpu": median(run.again.cpu for run in runs),
            "pass_peak_mib": median(run.again.peak_mib for run in runs)}


def row(figures):
    further = figures["mib_a_further_account"]
    return {"accounts": figures["accounts"], "rtt": f"{figures['rtt_ms']} ms", "messages": f"{figures['messages']:,}",
            "MB": f"{figures['octets'] / 1e6:.0f}", "seconds": f"{figures['seconds']:.2f}",
            "msg/s": f"{figures['messages_per_second']:,.0f}", "cpu": f"{figures['cpu']:.2f}",
            "server": f"{figures['server_cpu']:.2f}", "MiB": f"{figures['peak_mib']:.0f}",
            "MiB a further one": "–" if further is None else f"{further:.2f}",
            "nothing new": f"{figures['pass_seconds']:.2f}", "its cpu": f"{figures['pass_cpu']:.2f}",
            "its MiB": f"{figures['pass_peak_mib']:.0f}"}


def main():
    asked = parser(__doc__)
    asked.add_argument("--accounts", type=numbers, default="1,11,200", help="how many at once, in turn")
    asked.add_argument("--messages", type=int, default=300, help="of each account, about 4 KB each")
    arguments = options(asked)

    with Lab() as lab:
        most = max(arguments.accounts)
        print(f"{most} accounts: {lab.ask(f'fleet source {most} {arguments.messages} fleet')}", flush=True)
        for i in range(most):  # the server indexes on first contact; nobody is charged for it
            Run(lab.drain_command(user=f"fleet{i}"), settle=False)
        cases = {(accounts, rtt): [] for accounts in arguments.accounts for rtt in arguments.rtt}
        for turn in range(arguments.runs):
            for (accounts, rtt), runs in cases.items():
                print(f"round {turn + 1} of {arguments.runs}: {accounts} accounts, {rtt} ms", flush=True)
                runs.append(pull(lab, arguments, accounts, rtt, turn))
        figures = []
        for (accounts, rtt), runs in cases.items() if arguments.runs else []:
            single = median(run.peak_mib for run in cases[1, rtt]) if (1, rtt) in cases else None
            figures.append(figures_of(accounts, rtt, runs, single))
        if figures:
            grid(CAPTION.format(**vars(arguments), fsync_ms=fsync_ms()), [row(f) for f in figures], arguments.markdown)
        finish(arguments, lab, figures)


if __name__ == "__main__":
    main()
