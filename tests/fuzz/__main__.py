"""`python -m tests.fuzz [TARGET …]`: ten minutes (SECONDS) of hostile input, guided by coverage, shared out.

What is found stands in fuzz-out/ (FUZZ_OUT), one file each; put it into tests/fuzz/found/TARGET/ and it is a test.
The corpus that grew is kept there too and goes on growing with the next run.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.fuzz.targets import TARGETS, Target

SECONDS = float(os.environ.get("SECONDS", "600"))
OUT = Path(os.environ.get("FUZZ_OUT", "fuzz-out"))


def fuzz(target: Target, seconds: float) -> bool:
    """Run one target in a process of its own; whether it held."""
    corpus, found = OUT / "corpus" / target.name, OUT / "found" / target.name
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    for place, seed in enumerate(target.seeds()):
        (corpus / f"seed{place}").write_bytes(seed)
    options = [
        f"-max_total_time={seconds:.0f}", f"-max_len={target.longest}", f"-artifact_prefix={found}/", "-timeout=20",
        "-rss_limit_mb=2048", "-print_final_stats=1", "-verbosity=0",
    ]  # fmt: skip
    if target.words:
        dictionary = OUT / f"{target.name}.dict"
        dictionary.write_text("".join(f'"{word}"\n' for word in target.words))
        options.append(f"-dict={dictionary}")
    command = [sys.executable, "-m", "tests.fuzz.one", target.name, *options, str(corpus)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    told = ran.stdout + ran.stderr
    runs = next((line.split()[-1] for line in told.splitlines() if "number_of_executed_units" in line), "?")
    print(f"{target.name:14} {'held' if ran.returncode == 0 else 'BROKE'} {runs} inputs in {seconds:.0f} s", flush=True)
    if ran.returncode:
        print("    " + "\n    ".join(told.splitlines()[-40:]))
    return ran.returncode == 0


def main() -> int:
    """All targets, or those named; 1 if any broke."""
    wanted = [TARGETS[name] for name in sys.argv[1:]] or list(TARGETS.values())
    shares = sum(target.share for target in wanted)
    held = [fuzz(target, SECONDS * target.share / shares) for target in wanted]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
