"""Every query of the ledger. The SQL stands in the .sql files beside the modules, each query under its name:

    -- name: one_thing
    -- What it is for, in a sentence.
    SELECT …

`load` reads such a file. Parameters are always named.
"""

from importlib import resources


def load(file: str) -> dict[str, str]:
    """name → SQL of one file in this folder. Raises ValueError for a query without a sentence, or a name met twice."""
    found: dict[str, str] = {}
    for block in resources.files(__package__).joinpath(file).read_text("utf-8").split("-- name: ")[1:]:
        name, _, rest = block.partition("\n")
        sentence, _, sql = rest.partition("\n")
        if not sentence.startswith("-- ") or name in found:
            raise ValueError(f"{file}: query {name} has no sentence, or stands there twice")
        found[name.strip()] = sql.strip()
    return found
