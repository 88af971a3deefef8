"""Forms of signing in and of one's own preferences."""

from zoneinfo import available_timezones

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from engine.forms.formats import UNSTORABLE
from webapp.i18n import LANGUAGES


def _storable(text: str | None) -> str:
    """Return what was typed without what no database stores."""
    return UNSTORABLE.sub("", text or "")


class SignInForm(FlaskForm):
    """User name and password."""

    username = StringField(
        lazy_gettext("User name"), [DataRequired(), Length(max=60)], filters=[_storable]
    )
    password = PasswordField(lazy_gettext("Password"), [DataRequired(), Length(max=128)])
    next = HiddenField()


class FirstAdminForm(FlaskForm):
    """Who the first admin is."""

    token = HiddenField()
    name = StringField(
        lazy_gettext("Your name"), [DataRequired(), Length(max=120)], filters=[_storable]
    )
    email = StringField(
        lazy_gettext("E-mail address"), [DataRequired(), Length(max=254)], filters=[_storable]
    )
    username = StringField(
        lazy_gettext("User name"), [DataRequired(), Length(max=60)], filters=[_storable]
    )
    password = PasswordField(lazy_gettext("Password"), [DataRequired(), Length(min=12, max=128)])


class PreferencesForm(FlaskForm):
    """How the product looks to one person."""

    locale = SelectField(
        lazy_gettext("Language"),
        choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()],
    )
    timezone = SelectField(
        lazy_gettext("Time zone"),
        choices=[SelectChoice(name, name) for name in sorted(available_timezones())],
    )
    theme = SelectField(
        lazy_gettext("Appearance"),
        choices=[
            SelectChoice("system", lazy_gettext("Like the system")),
            SelectChoice("light", lazy_gettext("Light")),
            SelectChoice("dark", lazy_gettext("Dark")),
        ],
    )
    shortcuts = BooleanField(lazy_gettext("Keyboard shortcuts"))
