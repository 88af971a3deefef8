"""What an open page is told of its dock: drawn anew, or left alone for who types in it."""

from dataclasses import dataclass

from flask_babel import gettext

from webapp.auth import staff
from webapp.desk.page import CasePage


@dataclass(frozen=True)
class DockNews:
    """What has become of a dock that a page shows."""

    is_new: bool
    """Whether it is drawn anew; what stands in its forms is kept."""
    words: str
    """What happened to a form that is not for the reader any more: it stays with what was typed."""


def dock_news(page: CasePage, shown: str) -> DockNews:
    """Return what a page is told whose dock was drawn from `shown`, a `CasePage.dock_state`."""
    lost = _forms(shown) - _forms(page.dock_state)
    return DockNews(is_new=shown != page.dock_state and not lost, words=_why(page, lost))


def _forms(state: str) -> set[str]:
    """Return the forms of a dock: the reply, and steps nobody else has accepted."""
    _, *forms = state.split("~")
    held = (form.partition(".") for form in forms)
    return {form for form, _, holder in held if form and holder in {"", staff().actor}}


def _why(page: CasePage, lost: set[str]) -> str:
    steps = lost - {"reply"}
    if not lost:
        return ""
    taken = next((step for step in page.steps if step.task.id.hex[:12] in steps), None)
    if taken is not None:
        return gettext("%(name)s has accepted this step in the meantime.", name=taken.claimer)
    if not steps or not page.last_by:
        return gettext("The process has moved on in the meantime.")
    if page.moved_by_me:
        return gettext("You have completed this step in another window.")
    return gettext("%(name)s has completed this step in the meantime.", name=page.last_by)
