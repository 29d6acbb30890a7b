"""One small file for each kind of mistake, and the whole message that an admin gets for it.

After a deliberate change of wording: `python tests/unit/agent/config/test_mistakes.py` writes the messages anew;
read the difference before it is committed.
"""

from pathlib import Path

import pytest

from agent.config.load import load
from agent.config.mistakes import ConfigError

FOLDER = Path(__file__).with_name("mistakes")
FILES = sorted(FOLDER.glob("*.toml"))


def message_for(file: Path) -> str:
    """What loading says, without the folder. Files named run_… are loaded as `secondring run` does."""
    with pytest.raises(ConfigError) as caught:
        load(file, {"STATE_DIRECTORY": "/var/lib/secondring"}, need_secrets=file.name.startswith("run_"))
    return str(caught.value).replace(f"{FOLDER}/", "").replace(str(FOLDER), ".") + "\n"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_admin_is_told_what_is_wrong_where_and_what_is_allowed(file: Path) -> None:
    assert message_for(file) == file.with_suffix(".txt").read_text(encoding="utf-8")


def test_there_are_files_for_at_least_forty_kinds_of_mistake_and_no_message_without_a_file() -> None:
    assert len(FILES) >= 40
    assert {file.stem for file in FOLDER.glob("*.txt")} == {file.stem for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_message_names_the_file_and_no_message_is_the_librarys_own(file: Path) -> None:
    message = file.with_suffix(".txt").read_text(encoding="utf-8")
    assert file.name in message or "pbx.secret" in message
    assert "Input should" not in message and "pydantic" not in message


if __name__ == "__main__":
    for each in FILES:
        each.with_suffix(".txt").write_text(message_for(each), encoding="utf-8")
