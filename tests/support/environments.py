"""A new Python environment with the dependencies that a wheel declares and no other package.

The files of the dependencies are linked from the running environment: installing them again takes a minute, and
shows no more about the wheel.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterable
from email.parser import HeaderParser
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def create(folder: Path, wheel: Path, *extras: str) -> Path:
    """Create the environment with what the wheel and its extras need, without the wheel; returns its `bin` folder."""
    venv.create(folder, with_pip=False)
    for each in closure(declared(wheel), *extras):
        _link(each, folder)
    return folder / "bin"


def declared(wheel: Path) -> list[Requirement]:
    """The dependencies in the metadata of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        headers = HeaderParser().parsestr(archive.read(name).decode())
    return [Requirement(text) for text in headers.get_all("Requires-Dist", [])]


def closure(requirements: Iterable[Requirement], *extras: str) -> list[Distribution]:
    """The installed distributions that these requirements need, directly or not, with those of the extras.

    Raises PackageNotFoundError for one that is not installed, and AssertionError where its version does not match.
    """
    left = [(requirement, extra) for requirement in requirements for extra in ("", *extras)]
    found: dict[tuple[str, str], Distribution] = {}
    while left:
        requirement, extra = left.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        each = distribution(requirement.name)
        assert requirement.specifier.contains(each.version, prereleases=True), f"{requirement}: {each.version}"
        for wanted in ("", *requirement.extras):
            key = (canonicalize_name(requirement.name), wanted)
            if key not in found:
                found[key] = each
                left += [(Requirement(text), wanted) for text in each.requires or ()]
    return list({name: each for (name, _), each in found.items()}.values())


def _link(each: Distribution, folder: Path) -> None:
    running = Path(sys.prefix).absolute()
    site = Path(sysconfig.get_path("purelib")).absolute()
    for file in each.files or ():
        source = Path(os.path.normpath(site / file))
        target = folder / source.relative_to(running)
        if not source.is_file() or target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.parent == folder / "bin":
            _copy_script(source, target)
        else:
            target.symlink_to(source)


def _copy_script(source: Path, target: Path) -> None:
    """A console script starts the interpreter that its first line names."""
    first, newline, rest = source.read_bytes().partition(b"\n")
    first = b"#!" + bytes(target.parent / "python") if first.startswith(b"#!") and b"python" in first else first
    target.write_bytes(first + newline + rest)
    target.chmod(0o755)
