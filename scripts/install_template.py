"""Installs the nbconvert template of the checkout for `jupyter nbconvert --template readiness`.

An editable install copies the template only once; this script updates the copy if it differs.
"""

from __future__ import annotations

import filecmp
import shutil
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "templates" / "readiness"
TARGET = Path(sys.prefix) / "share" / "jupyter" / "nbconvert" / "templates" / "readiness"


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def same(one: Path, other: Path) -> bool:
    names = files(one)
    return names == files(other) and filecmp.cmpfiles(one, other, names, shallow=False)[0] == names


def main() -> None:
    if not SOURCE.is_dir():
        sys.exit(f"{SOURCE} is missing. Run this script in a complete checkout.")
    if TARGET.is_dir() and same(SOURCE, TARGET):
        return
    shutil.rmtree(TARGET, ignore_errors=True)
    shutil.copytree(SOURCE, TARGET)


if __name__ == "__main__":
    main()
