"""Every finding of doctor has a row in docs/doctor.md."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
WHERE = [*(ROOT / "agent" / "cli" / "doctor").glob("*.py"), *(ROOT / "agent" / "pbx").rglob("*.py")]
MAKERS = {"Finding", "ok", "skipped"}


def documented() -> set[str]:
    return set(re.findall(r"^\| `([^`]+)` \| +\S", (ROOT / "docs" / "doctor.md").read_text(), re.MULTILINE))


def named() -> set[str]:
    """Every name that is written out where a finding is made, directly or as `name = "…"` or in a tuple of names."""
    found: set[str] = set()
    for path in WHERE:
        tree = ast.parse(path.read_text())
        makes = {
            node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        if not makes & MAKERS:
            continue
        words = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
        found |= {
            word for word in words if isinstance(word, str) and re.fullmatch(r"(pbx|ledger|secret)-[a-z-]+", word)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
    return found


def test_every_finding_has_a_row() -> None:
    assert named() >= {"pbx-login", "ledger-integrity", "texting", "secret-files"}
    assert named() - documented() == set()
