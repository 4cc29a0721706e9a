"""Layout and style models, shared by all widgets of an assessment so that the front end holds few of them."""

from __future__ import annotations

from functools import cached_property

from ipywidgets import Layout
from ipywidgets.widgets.widget_bool import CheckboxStyle
from ipywidgets.widgets.widget_button import ButtonStyle
from ipywidgets.widgets.widget_description import DescriptionStyle
from ipywidgets.widgets.widget_int import ProgressStyle
from ipywidgets.widgets.widget_string import HTMLStyle, TextStyle

from readiness_kit.notebook.controller import Change

LABEL_WIDTH = "13em"


class Styles:
    """Each model is created when it is first used. Layouts: `wide`, `narrow`, `button`."""

    @cached_property
    def wide(self) -> Layout:
        """The width of texts and forms."""
        return Layout(width="auto", max_width="60em")

    @cached_property
    def row(self) -> Layout:
        """Fields in a row, or in a column on a narrow page."""
        return Layout(width="auto", flex_flow="row wrap")

    @cached_property
    def narrow(self) -> Layout:
        """The width of short fields."""
        return Layout(width="26em")

    @cached_property
    def button(self) -> Layout:
        """The width of a button, by its label."""
        return Layout(width="auto", min_width="8em", align_self="flex-start")

    @cached_property
    def html(self) -> HTMLStyle:
        """The style of HTML widgets."""
        return HTMLStyle()

    @cached_property
    def described(self) -> DescriptionStyle:
        """Labels of equal width."""
        return DescriptionStyle(description_width=LABEL_WIDTH)

    @cached_property
    def pressed(self) -> ButtonStyle:
        """The style of buttons."""
        return ButtonStyle()

    @cached_property
    def progress(self) -> ProgressStyle:
        """A progress bar with a label of the usual width."""
        return ProgressStyle(description_width=LABEL_WIDTH)

    @cached_property
    def check(self) -> CheckboxStyle:
        """The style of check boxes."""
        return CheckboxStyle()

    @cached_property
    def text(self) -> TextStyle:
        """A text field with a label of the usual width."""
        return TextStyle(description_width=LABEL_WIDTH)

    def changed(self, change: Change) -> None:
        """Styles do not depend on the assessment."""

    def close(self) -> None:
        """Close the shared models; later use creates new ones."""
        for model in self.__dict__.values():
            model.close()
        self.__dict__.clear()
