"""Installs the nbconvert template and the JupyterLab extension of the checkout into the environment.

An editable install copies them once, to where `jupyter nbconvert --template readiness` and `jupyter lab` find them;
this script replaces copies that are out of date and changes nothing else.
"""

from __future__ import annotations

import filecmp
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARE = Path(sys.prefix) / "share" / "jupyter"
COPIES = {
    "templates/readiness": "nbconvert/templates/readiness",
    "readiness_kit/notebook/jupyter/labextensions/readiness-kit": "labextensions/readiness-kit",
}
"""Folder in the checkout: its place below `share/jupyter`, as in `shared-data` of pyproject.toml."""


def files(folder: Path) -> list[str]:
    """The relative paths of all files below a folder, sorted."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def same(source: Path, target: Path) -> bool:
    """Whether both folders have the same files with the same content."""
    names = files(source)
    return names == files(target) and filecmp.cmpfiles(source, target, names, shallow=False)[0] == names


def install(share: Path = SHARE) -> None:
    """Brings all copies below `share` up to date."""
    for source, target in ((ROOT / source, share / target) for source, target in COPIES.items()):
        if not source.is_dir():
            sys.exit(f"{source} is missing: run this script in a complete checkout")
        if not same(source, target):
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target)


if __name__ == "__main__":
    install()
