"""One target under the fuzzer: `python -m tests.fuzz.one TARGET [libFuzzer's options] CORPUS`."""

import importlib
import sys

atheris = importlib.import_module("atheris")

with atheris.instrument_imports(include=["agent", "sms", "storage"]):
    from tests.fuzz.targets import TARGETS

if __name__ == "__main__":
    target = TARGETS[sys.argv[1]]
    atheris.Setup([sys.argv[0], *sys.argv[2:]], target.run)
    atheris.Fuzz()
