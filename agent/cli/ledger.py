"""How commands reach the ledger: reading beside the agent, writing through it."""

import asyncio
import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from agent.commands import JOBS, Answer
from agent.config.settings import Settings
from agent.control import NoAgent, ask, socket_path
from agent.office import Office
from sms.numbers import read_number
from storage import migrate
from storage.ledger import Ledger, LedgerTrouble, reading
from storage.lock import Lock


def open_reading(settings: Settings) -> sqlite3.Connection:
    """A connection for reading. What goes wrong is told, and ends the program with 1."""
    path = settings.storage.path
    try:
        db = reading(path)
        older = migrate.check(db) < migrate.steps()[-1][0]
    except LedgerTrouble as trouble:
        click.echo(str(trouble), err=True)
        sys.exit(1)
    except sqlite3.DatabaseError as error:
        click.echo(f"The ledger {path} can't be read: {error}. `secondring doctor` looks closer.", err=True)
        sys.exit(1)
    if older:
        click.echo(f"The ledger {path} is of an older version: systemctl restart secondring brings it up.", err=True)
        sys.exit(1)
    return db


def tell(settings: Settings, command: Answer) -> Answer:
    """Have the running agent do it; without one, do it here under the same lock. Errors end the program with 1."""
    with _told_errors():
        try:
            answer = ask(socket_path(settings.storage.path), command)
        except NoAgent:
            answer = asyncio.run(_do_here(settings, command))
    return _good(answer)


def tell_running(settings: Settings, command: Answer) -> Answer:
    """As `tell`, for what only a running agent can do. Without one the program ends with 1."""
    with _told_errors():
        try:
            answer = ask(socket_path(settings.storage.path), command)
        except NoAgent:
            answer = {"error": "The agent isn't running. Start it first: systemctl start secondring"}
    return _good(answer)


def _good(answer: Answer) -> Answer:
    if "error" in answer:
        click.echo(str(answer["error"]), err=True)
        sys.exit(1)
    return answer


def number_of(settings: Settings, written: str) -> str:
    """A number as an admin writes it, in E.164. One that is none ends the program with 2."""
    number = read_number(written, settings.business.country).e164
    if number is None:
        click.echo(f'"{written}" is no phone number; write it like +13125550100.', err=True)
        sys.exit(2)
    return number


async def _do_here(settings: Settings, command: Answer) -> Answer:
    path = settings.storage.path
    with Lock(path):
        try:
            ledger = await Ledger.open(path)
            try:
                return await ledger.write(JOBS[str(command["do"])], Office.of(settings), command, time.time())
            finally:
                await ledger.close()
        finally:
            _give_to_service(path)


def _give_to_service(path: Path) -> None:
    """What root made beside the ledger goes to the folder's owner: the service could not write it otherwise."""
    if os.geteuid() != 0:
        return
    owner = path.parent.stat()
    for file in path.parent.glob(f"{path.name}*"):
        if file.stat().st_uid != owner.st_uid:
            os.chown(file, owner.st_uid, owner.st_gid)


@contextmanager
def _told_errors() -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        click.echo(f"{error.filename or 'The agent'} is only for root and the service's own user; try sudo.", err=True)
        sys.exit(1)
    except (LedgerTrouble, OSError) as trouble:
        click.echo(f"{trouble}", err=True)
        sys.exit(1)
