"""The Layout and Style models that all widgets of a kit share: few models, one look, each made when first used."""

from __future__ import annotations

from functools import cached_property
from typing import Any


class Styles:
    """Layouts `wide`, `narrow`, `choice`, `choice_below`, `button`; styles by the kind of widget they belong to."""

    @cached_property
    def wide(self) -> Any:
        return _layout(width="auto", max_width="60em")

    @cached_property
    def narrow(self) -> Any:
        return _layout(width="26em")

    @cached_property
    def choice(self) -> Any:
        return _layout(width="20em")

    @cached_property
    def choice_below(self) -> Any:
        """Of a nested question's Dropdown: as far to the right as its card."""
        return _layout(width="20em", margin="2px 2px 2px 2em")

    @cached_property
    def button(self) -> Any:
        return _layout(width="auto", min_width="8em", align_self="flex-start")

    @cached_property
    def html(self) -> Any:
        from ipywidgets.widgets.widget_string import HTMLStyle

        return HTMLStyle()

    @cached_property
    def answer(self) -> Any:
        """Of a card's Dropdown: the label close to the left."""
        return _described("7em")

    @cached_property
    def described(self) -> Any:
        return _described("13em")

    @cached_property
    def pressed(self) -> Any:
        from ipywidgets.widgets.widget_button import ButtonStyle

        return ButtonStyle()

    @cached_property
    def progress(self) -> Any:
        from ipywidgets.widgets.widget_int import ProgressStyle

        return ProgressStyle(description_width="13em")

    @cached_property
    def check(self) -> Any:
        from ipywidgets.widgets.widget_bool import CheckboxStyle

        return CheckboxStyle()

    @cached_property
    def text(self) -> Any:
        from ipywidgets.widgets.widget_string import TextStyle

        return TextStyle(description_width="13em")

    def close(self) -> None:
        for look in list(self.__dict__.values()):
            look.close()
        self.__dict__.clear()


def _layout(**sizes: str) -> Any:
    from ipywidgets import Layout

    return Layout(**sizes)


def _described(width: str) -> Any:
    from ipywidgets.widgets.widget_description import DescriptionStyle

    return DescriptionStyle(description_width=width)
