"""The form that writes the settings."""

from __future__ import annotations

from pathlib import Path

from readiness_kit.demo import install
from readiness_kit.model import Profile
from readiness_kit.notebook.kit import Kit
from readiness_kit.workspace.folder import Folder


def test_fields_are_saved_and_follow_other_changes(tmp_path: Path) -> None:
    kit = Kit(install(tmp_path / "demo"))
    about = kit.about()
    about._fields["participants"].value = "Ops, Search"
    about._fields["branding.primary"].value = "#123456"
    assert kit.settings.participants == ("Ops", "Search") and kit.settings.branding.primary == "#123456"
    about._fields["branding.primary"].value = "blue"
    assert "“blue” is not a colour" in about._status.value and about._fields["branding.primary"].value == "blue"
    assert kit.settings.branding.primary == "#123456"
    kit.write_settings(assessor="Somebody else")
    assert about._fields["assessor"].value == "Somebody else" and about._fields["branding.primary"].value == "blue"
    about._profile.value = Profile.EXTENDED
    assert Folder(kit.folder.path).settings.profile is Profile.EXTENDED
