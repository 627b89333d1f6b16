"""What an admin says of the mail server."""

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, PasswordField, RadioField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError

from leadhub.forms import Form, IntegerField, choices
from leadhub.jobs.mail_server import NONE, STARTTLS, TLS, MailServer
from leadhub.settings import mailbox

HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?|[0-9a-f:]+:[0-9a-f:.]*")
ENCRYPTIONS = (
    (STARTTLS, _l("STARTTLS (most servers, port 587)")),
    (TLS, _l("TLS from the start (port 465)")),
    (NONE, _l("None: whoever is on the way reads along")),
)
EXAMPLE = "LeadHub <leadhub@example.org>"
NO_MANAGER = {"autocomplete": "off", "data-1p-ignore": "", "data-lpignore": "true"}


class EmailForm(Form):
    """The server, who the hub is there, and whose address its mails bear.  The password is never written out."""

    host = StringField(
        _l("Server"),
        [InputRequired(), Length(max=253)],
        description=_l("Its name, as your mail provider has it: smtp.example.org"),
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    port = IntegerField(_l("Port"), [InputRequired(), NumberRange(1, 65535)], default=587)
    encryption = RadioField(_l("Encryption"), choices=choices(ENCRYPTIONS), default=STARTTLS)
    user = StringField(_l("User name"), [Length(max=254)], render_kw=NO_MANAGER)
    password = PasswordField(
        _l("Password"), [Length(max=254)], render_kw={**NO_MANAGER, "autocomplete": "new-password"}
    )
    sender = StringField(
        _l("Sender"),
        [InputRequired(), Length(max=254)],
        render_kw={"autocomplete": "off"},
    )

    def __init__(self, kept: MailServer | None, **data: Any) -> None:
        """``kept`` is the server in use, whose password stays where the field is left empty."""
        super().__init__(data=data | (_data_of(kept) if kept else {}))
        self.kept = kept
        self.sender.description = _("An address, or a name and an address: %(example)s", example=EXAMPLE)
        if kept and kept.password:
            self.password.description = _("A password is kept. Leave this empty to go on with it.")

    def validate_host(self, field: Field) -> None:
        field.data = _plain_name(field.data.strip().lower())
        if not HOST.fullmatch(field.data):
            raise ValidationError(_("Give the name alone, without smtp:// and without a port."))

    def validate_encryption(self, field: Field) -> None:
        if field.data == NONE and self.user.data:
            raise ValidationError(_("A name and a password are sent over an encrypted connection only."))

    def validate_user(self, field: Field) -> None:
        _check_plain(field.data)

    def validate_password(self, field: Field) -> None:
        """A password goes to the server and the name it was given for: nobody gets to read it by naming another."""
        _check_plain(field.data)
        same = self.kept and (self.kept.host, self.kept.user) == (self.host.data, self.user.data)
        if self.user.data and not field.data and not (same and self.kept and self.kept.password):
            raise ValidationError(_("Give the password for this server and this name."))

    def validate_sender(self, field: Field) -> None:
        try:
            mailbox(field.data)
        except ValueError:
            raise ValidationError(_("Give an address, or a name and an address in angle brackets.")) from None

    def to_server(self) -> MailServer:
        old = self.kept.password if self.kept else ""
        return MailServer(
            host=self.host.data,
            port=self.port.data,
            encryption=self.encryption.data,
            user=self.user.data or "",
            password=(self.password.data or old) if self.user.data else "",
            sender=self.sender.data.strip(),
        )


def _data_of(server: MailServer) -> dict[str, Any]:
    names = ("host", "port", "encryption", "user", "sender")
    return {name: getattr(server, name) for name in names}


def _plain_name(host: str) -> str:
    """As the name system has it: bücher.example is xn--bcher-kva.example."""
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host


def _check_plain(text: str | None) -> None:
    """What smtplib can send."""
    if not (text or "").isascii() or not (text or "").isprintable():
        raise ValidationError(_("Only letters without accents, digits and signs can be sent here."))
