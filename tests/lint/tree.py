"""What every lint needs: the project's own source files and a way to report."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CODE = ("core", "storage", "daemon", "tests")


def files(*suffixes, folders=CODE):
    """Paths relative to the root, of files git tracks or would track, so that build trees never count."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *folders],
        cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0:
        names = [name for name in listed.stdout.decode().split("\0") if name]
    else:  # a source archive without git
        names = [str(p.relative_to(ROOT)) for folder in folders for p in (ROOT / folder).rglob("*") if p.is_file()]
    return sorted(name for name in set(names) if name.endswith(suffixes) and (ROOT / name).exists())


def finish(problems, checked):
    """Prints what is wrong and exits as a test should; a lint that looked at nothing has failed."""
    for problem in problems:
        print(problem)
    print(f"{checked} checked, {len(problems)} wrong")
    sys.exit(1 if problems or checked == 0 else 0)
