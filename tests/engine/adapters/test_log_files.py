"""Logs that are written to, rotated, copied and cut off while somebody reads them."""

import gzip
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.log_files import LONGEST_LINE, read_log
from engine.errors import SourceUnavailableError
from models.watching import LogPlace


class Log:
    """A log that somebody writes, and somebody else who reads it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "bot.log"
        self.place: LogPlace | None = None
        self.written = 0
        self.read: list[str] = []
        self.lost: list[str] = []
        self.path.touch()

    def write(self) -> None:
        self.written += 1
        self.append(f"2025-10-17 line {self.written}\n")

    def write_half(self) -> None:
        self.written += 1
        self.append(f"2025-10-17 line {self.written}")
        self.look()
        self.append(", and the rest of it\n")

    def append(self, text: str) -> None:
        with self.path.open("a") as log:
            log.write(text)

    def rotate(self) -> None:
        """As Python's own handler does: every file one number higher."""
        for number in range(9, 0, -1):
            if (old := self.rotated(number)).exists():
                old.rename(self.rotated(number + 1))
        self.path.rename(self.rotated(1))
        self.path.touch()

    def copy_and_cut_off(self) -> None:
        """As logrotate's copytruncate does."""
        for number in range(9, 0, -1):
            if (old := self.rotated(number)).exists():
                old.rename(self.rotated(number + 1))
        shutil.copy2(self.path, self.rotated(1))
        self.path.write_bytes(b"")

    def rotated(self, number: int) -> Path:
        return self.path.with_name(f"bot.log.{number}")

    def look(self) -> None:
        piece = read_log(self.path, self.place)
        self.place = piece.place
        self.read += [line.decode() for line in piece.lines]
        self.lost += [piece.lost] if piece.lost else []

    def look_until_the_end(self) -> None:
        for _ in range(200):
            before = self.place
            self.look()
            if self.place is not None and before is not None and self.place == before:
                return

    @property
    def numbers(self) -> list[int]:
        return [int(line.split()[2].rstrip(",")) for line in self.read]


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path)


ACTS: Mapping[str, Callable[[Log], None]] = {
    "write": Log.write,
    "write half": Log.write_half,
    "rotate": Log.rotate,
    "copy and cut off": Log.copy_and_cut_off,
    "look": Log.look,
}


@settings(max_examples=400)
@given(st.lists(st.sampled_from([*ACTS, "write", "write", "look"]), max_size=25))
def test_whatever_is_done_to_a_log_each_line_is_read_once(acts: list[str]) -> None:
    with TemporaryDirectory() as folder:
        log = Log(Path(folder))
        log.write()
        log.look()
        rotations = 0
        for act in acts:
            rotations += "rotate" in act or "copy" in act
            if rotations < 9:  # the tenth file is thrown away
                ACTS[act](log)
        log.look_until_the_end()
        assert (log.numbers, log.lost) == ([*range(1, log.written + 1)], [])


def test_a_line_is_read_when_it_is_whole(log: Log) -> None:
    log.append("half of")
    log.look()
    assert log.read == []
    log.append(" it\nand")
    log.look()
    assert log.read == ["half of it"]


def test_a_rotated_log_that_ends_in_the_middle_of_a_line_is_read_to_its_end(log: Log) -> None:
    log.append("whole\nkilled in the mid")
    log.look()
    log.rotate()
    log.append("a new life\n")
    log.look_until_the_end()
    assert log.read == ["whole", "killed in the mid", "a new life"]


def test_a_writer_that_goes_on_in_the_rotated_file_is_followed_there(log: Log) -> None:
    log.write()
    log.look()
    log.rotate()
    with log.rotated(1).open("a") as old:
        old.write("2025-10-17 line 2\n")
    log.look_until_the_end()
    assert log.numbers == [1, 2]


def test_a_log_that_was_cut_off_says_that_lines_may_be_lost(log: Log) -> None:
    log.write()
    log.look()
    log.path.write_text("a new log\n")
    log.look_until_the_end()
    assert log.read[1:] == ["a new log"]
    assert log.lost[0].startswith("The log was cut off or replaced")


def test_a_log_that_was_cut_off_and_has_grown_beyond_is_noticed(log: Log) -> None:
    log.write()
    log.look()
    log.path.write_text("another log altogether, longer than the first\nsecond\n")
    log.look_until_the_end()
    assert log.read[1:] == ["another log altogether, longer than the first", "second"]


@pytest.mark.parametrize("precision", [1, 1_000_000_000])
def test_a_file_that_was_pressed_after_it_was_read_is_no_loss(log: Log, precision: int) -> None:
    log.write()
    log.look()
    log.rotate()
    press(log.rotated(1), precision)
    log.append("2025-10-17 line 2\n")
    log.look_until_the_end()
    assert (log.numbers, log.lost) == ([1, 2], [])


def test_a_file_that_was_pressed_before_it_was_read_is_a_loss(log: Log) -> None:
    log.write()
    log.look()
    os.utime(log.path, (1, 1))
    log.rotate()
    press(log.rotated(1), 1)
    log.look_until_the_end()
    assert len(log.lost) == 1


def press(file: Path, precision: int) -> None:
    """As gzip and logrotate do: under another name, with the time of the original."""
    changed = file.stat().st_mtime_ns // precision * precision
    pressed = file.with_name(f"{file.name}.gz")
    pressed.write_bytes(gzip.compress(file.read_bytes()))
    os.utime(pressed, ns=(changed, changed))
    file.unlink()


def test_files_that_were_thrown_away_unread_are_a_loss_and_the_rest_is_read(log: Log) -> None:
    log.write()
    log.look()
    log.rotate()
    log.rotated(1).unlink()
    log.append("later\n")
    log.rotate()
    log.append("last\n")
    log.look_until_the_end()
    assert (log.read[1:], len(log.lost)) == (["later", "last"], 1)


def test_a_line_without_an_end_does_not_hold_up_the_rest(log: Log) -> None:
    log.append("x" * (LONGEST_LINE + 1))
    log.look()
    log.append("\nwell again\n")
    log.look_until_the_end()
    assert log.read[-1] == "well again"


def test_what_was_rotated_before_the_first_look_is_read_as_well(log: Log) -> None:
    for _ in range(3):
        log.write()
        log.rotate()
    log.write()
    log.look_until_the_end()
    assert log.numbers == [1, 2, 3, 4]


def test_there_may_be_no_log(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailableError, match="there is no log at"):
        read_log(tmp_path / "none.log", None)


def test_only_a_file_is_a_log(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailableError, match="is not a file"):
        read_log(tmp_path, None)


def test_between_two_files_the_log_may_be_away(log: Log) -> None:
    log.write()
    log.look()
    log.path.rename(log.rotated(1))
    log.look()
    log.written += 1
    log.path.write_text("2025-10-17 line 2\n")
    log.look_until_the_end()
    assert (log.numbers, log.lost) == ([1, 2], [])
