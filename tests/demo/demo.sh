#!/usr/bin/env bash
# ./dev demo: a migration between two real mail servers, start to finish, with the proof. Argument: the build folder.
set -euo pipefail
cd "$(dirname "$0")/../.."

build=$PWD/$1
postern=$build/daemon/postern
lab=$build/tests/support/lab/postern_lab
oracle=tests/support/oracle
work=$(mktemp -d "${TMPDIR:-/tmp}/postern-demo-XXXXXX")
daemon_pid=

finish() {
  if [ -n "$daemon_pid" ]; then kill "$daemon_pid" 2>/dev/null && wait "$daemon_pid" 2>/dev/null; fi
  if [ -n "${LAB_PID:-}" ]; then
    exec {LAB[1]}>&-
    wait "$LAB_PID" 2>/dev/null
  fi
  rm -rf "$work"
}
trap finish EXIT

say() { printf '\n\033[1m── %s\033[0m\n' "$*"; }
run() { printf '\033[2m$ %s\033[0m\n' "postern ${*}"; "$postern" -c "$work/postern.yaml" "$@"; }
ask() {  # a command to the laboratory; its answer is left in $answer
  echo "$*" >&"${LAB[1]}"
  read -r answer <&"${LAB[0]}"
  case $answer in ok*) answer=${answer#ok } ;; *) echo "the laboratory said: $answer" >&2; exit 1 ;; esac
}
list() { python3 $oracle/imap_oracle.py --host localhost --port "$1" --tls implicit --ca "$ca" --user "$user" --password-file "$password_file" --account demo; }

say "Two throw-away Dovecots on loopback, TLS with a private CA"
coproc LAB { exec "$lab" servers "$work/lab"; }
read -r answer <&"${LAB[0]}"
for pair in ${answer#ok }; do declare "$pair"; done
echo "source: localhost:$source_imaps   target: localhost:$target_imaps"

say "A few hundred varied messages in nested and non-ASCII mailboxes at the source"
ask fill source 400
echo "$answer"

cat >"$work/postern.yaml" <<EOF
vault:
  path: $work/vault
listen: 127.0.0.1:$free_port
accounts:
  - name: demo
    source: {host: localhost, port: $source_imaps, tls_ca_file: $ca, user: $user, password_file: $password_file}
    target: {host: localhost, port: $target_imaps, tls_ca_file: $ca, user: $user, password_file: $password_file}
    schedule: {every: 15s}
EOF
say "The configuration"
cat "$work/postern.yaml"
run config check

say "The first pass: pull over TLS into the vault, replay to the target"
run sync

say "Flags change at the source; the second pass carries only the changes"
ask flags source 40
echo "$answer flags changed"
run sync

say "The proof, by an IMAP client that shares no code with Postern (Python's imaplib)"
list "$source_imaps" >"$work/source.jsonl"
list "$target_imaps" >"$work/target.jsonl"
"$postern" -c "$work/postern.yaml" ls demo --json >"$work/vault.jsonl"
echo "vault = source, entry for entry (mailbox, UIDVALIDITY, UID, SHA-256, size, flags, INTERNALDATE):"
python3 $oracle/compare.py --exact "$work/source.jsonl" "$work/vault.jsonl"
echo "target = source, message for message (mailbox, SHA-256, flags, INTERNALDATE):"
python3 $oracle/compare.py --content "$work/source.jsonl" "$work/target.jsonl"
run check --read-data
run snapshots demo

say "The daemon, and what Prometheus would read"
"$postern" -c "$work/postern.yaml" run 2>"$work/daemon.log" &
daemon_pid=$!
curl --silent --fail --retry 50 --retry-connrefused --retry-delay 1 "http://127.0.0.1:$free_port/readyz"
curl --silent --show-error --fail "http://127.0.0.1:$free_port/metrics" | grep -E '^postern_' | head -n 30
kill -TERM "$daemon_pid"
wait "$daemon_pid" && echo "SIGTERM: the daemon ended cleanly"
daemon_pid=

say "Done: target equals source. Everything the demo started is stopped and removed."
