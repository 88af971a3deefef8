"""Forms of signing in and of one's own preferences."""

from zoneinfo import available_timezones

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, Length

from processes.people.staff import THEMES
from webapp.i18n import LANGUAGES


class SignInForm(FlaskForm):
    """User name and password."""

    username = StringField(lazy_gettext("User name"), [DataRequired(), Length(max=60)])
    password = PasswordField(lazy_gettext("Password"), [DataRequired(), Length(max=128)])
    next = HiddenField()


class PreferencesForm(FlaskForm):
    """How the product looks to one person."""

    locale = SelectField(lazy_gettext("Language"), choices=list(LANGUAGES.items()))
    timezone = SelectField(lazy_gettext("Time zone"), choices=sorted(available_timezones()))
    theme = SelectField(
        lazy_gettext("Appearance"),
        choices=list(
            zip(
                THEMES,
                (lazy_gettext("Like the system"), lazy_gettext("Light"), lazy_gettext("Dark")),
                strict=True,
            )
        ),
    )
    shortcuts = BooleanField(lazy_gettext("Keyboard shortcuts"))
