"""`-o FORM[=FILE]`: the forms of a command's output, and where each is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from click.shell_completion import CompletionItem

from readiness_kit import files
from readiness_kit.cli.output import write_line, write_text
from readiness_kit.errors import UsageError

if TYPE_CHECKING:
    from readiness_kit.report.exports.terminal import Line

STANDARD = Path("-")
"""Standard input or output, in place of a file."""


class Output(NamedTuple):
    """One `-o`: a form, and its file; None for the default place, `STANDARD` for standard output."""

    form: str
    file: Path | None = None


class FormType(click.ParamType[Output]):
    """`FORM` or `FORM=FILE`."""

    name = "form"

    def __init__(self, forms: Iterable[str]) -> None:
        self.forms = tuple(forms)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Output:
        """The parsed value; a usage error for an unknown form, and for a file without a form."""
        if isinstance(value, Output):
            return value
        form, given, file = str(value).partition("=")
        if form not in self.forms:
            self.fail(self._unknown(form), param, ctx)
        if given and not file:
            self.fail(f"{value!r} names no file. Write {form}=FILE, or {form} alone.", param, ctx)
        if given and Path(file).is_dir():
            self.fail(f"{file!r} is a directory. Write {form}=FILE.", param, ctx)
        return Output(form, Path(file) if given else None)

    def _unknown(self, form: str) -> str:
        text = f"{form!r} is not a form: use {', '.join(self.forms)}, each alone or as FORM=FILE."
        by_suffix = {"yml": "yaml", "md": "markdown", "xml": "junit", "txt": "text", "htm": "html", "zip": "snapshot"}
        suffix = Path(form).suffix.lstrip(".").lower()
        likely = [name for name in (suffix, by_suffix.get(suffix, "")) if name in self.forms]
        likely = [f"{likely[0]}={form}"] if likely else get_close_matches(form.lower(), self.forms, n=1)
        return f"{text} Did you mean -o {likely[0]}?" if likely else text

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The forms, and files after `=`."""
        form, given, file = incomplete.partition("=")
        if given:
            return [CompletionItem(file, type="file")]
        return [CompletionItem(name) for name in self.forms if name.startswith(form)]


def output_option(*forms: str, default: str = "", several: bool = False, note: str = "") -> Callable[..., Any]:
    """The option `-o`, passed to the command as `outputs`: a tuple of `Output`, or one with `several` False.

    default: the form without the option, the first of `forms` if not given
    """
    chosen = default or forms[0]
    repeat = " May be repeated." if several else ""
    text = f"The form: {', '.join(forms)}; with =FILE it is written to that file (-: standard output).{repeat} {note}"
    return click.option(
        "-o",
        "--output",
        "outputs",
        type=FormType(forms),
        multiple=True,
        metavar="FORM[=FILE]",
        help=f"{text.strip()} Default: {chosen}.",
        callback=_several(chosen) if several else _single(chosen),
    )


def _several(default: str) -> Callable[..., tuple[Output, ...]]:
    def checked(ctx: click.Context, param: click.Parameter, value: tuple[Output, ...]) -> tuple[Output, ...]:
        chosen = tuple(dict.fromkeys(value)) or (Output(default),)
        files = [output.file for output in chosen if output.file is not None and output.file != STANDARD]
        if twice := sorted({str(file) for file in files if files.count(file) > 1}):
            raise click.BadParameter(f"{twice[0]} is named for two forms. Give each form its own file.", ctx, param)
        return chosen

    return checked


def _single(default: str) -> Callable[..., Output]:
    def checked(ctx: click.Context, param: click.Parameter, value: tuple[Output, ...]) -> Output:
        if len(value) > 1:
            raise click.BadParameter("this command has one output. Give the option once.", ctx, param)
        return value[0] if value else Output(default)

    return checked


def printed_once(outputs: Iterable[Output]) -> tuple[Output, ...]:
    """The outputs with standard output in place of no file. Raises UsageError if two forms would be printed."""
    placed = tuple(output if output.file else output._replace(file=STANDARD) for output in outputs)
    printed = [output.form for output in placed if output.file == STANDARD]
    if len(printed) > 1:
        raise UsageError(
            f"{' and '.join(printed)} would both be printed", f"give one of them a file: -o {printed[-1]}=FILE"
        )
    return placed


def write_output(output: Output, body: str) -> None:
    """Prints a text, or writes it to the file of its output and names that on standard error."""
    if output.file is None or output.file == STANDARD:
        write_text(body.rstrip("\n"))
        return
    files.replace(output.file, (body if body.endswith("\n") else f"{body}\n").encode("utf-8"), 0o644)
    write_line(f"Written: {output.file}", err=True)


def write_styled(output: Output, lines: Iterable[Line]) -> None:
    """As `write_output`, for lines: wrapped and coloured for the terminal, plain in a file."""
    from readiness_kit.cli.styled import MAX_WIDTH, rendered, write_lines

    if output.file is None or output.file == STANDARD:
        write_lines(lines)
    else:
        write_output(output, rendered(lines, MAX_WIDTH, coloured=False))
