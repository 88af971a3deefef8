"""What an agent wrote in the editor, as pages show it to colleagues and customers."""

from markupsafe import Markup

from processes.cases.models import Activity
from processes.mail.rich import from_html


def as_written(activity: Activity) -> Markup:
    """Return what was written with its lists and links; empty when it was plain text.

    It is cleaned once more: what is stored is not trusted for ever.
    """
    written = str((activity.data or {}).get("html", ""))
    return Markup(from_html(written).html) if written else Markup()  # noqa: S704 - it is clean
