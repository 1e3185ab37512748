"""Alerts by mail: one letter for everything that is new, in words a librarian can act on."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from email.header import Header
from email.mime.text import MIMEText
from email.utils import format_datetime, make_msgid

from central.alerts.book import Alert
from central.alerts.settings import AlertSettings, Mail
from central.errors import CentreError
from central.pages.words import Words

TIMEOUT_S = 15.0


class NotSent(CentreError, ConnectionError):
    """The mail server did not take a letter; says why."""


def letter(alerts: Sequence[Alert], settings: AlertSettings, now: datetime) -> MIMEText:
    """What is told. `settings.mail` must be there."""
    assert settings.mail is not None  # noqa: S101 (the caller looked)
    t = Words(settings.language)
    begun = [one for one in alerts if one.open]
    over = [one for one in alerts if not one.open]
    first = (begun or over)[0]
    subject = f"[{t('title')}] {t.alert(first)}"
    if len(alerts) > 1:
        subject += f" {t('and_more', n=len(alerts) - 1)}"
    lines: list[str] = []
    for head, some in ((t("mail_begun"), begun), (t("mail_over"), over)):
        if some:
            lines += [head, ""]
            for one in some:
                lines.append(f"- {t.alert(one)} ({t('since', when=t.moment(one.first, now))})")
                lines += [f"  {t('advice_' + one.kind.value)}"] if one.open else []
                lines += [f"  {one.detail}"] if one.detail and one.about else []
            lines.append("")
    lines.append(t("mail_pages", address=settings.pages) if settings.pages else t("mail_end"))
    message = MIMEText("\n".join(lines), "plain", "utf-8")
    # As one run of encoded words: email.message.EmailMessage loses a space where it folds such a line.
    message["Subject"] = Header(" ".join(subject.split())[:200], "utf-8")  # type: ignore[assignment]
    message["From"] = settings.mail.sender
    message["To"] = ", ".join(settings.mail.to)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=settings.mail.sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers to this
    return message


def send(message: MIMEText, mail: Mail) -> None:
    """Hand a letter to the server. Raises NotSent."""
    host, _, port = mail.server.rpartition(":")
    host = host.strip("[]")
    try:
        with ExitStack() as stack:
            server: smtplib.SMTP
            if mail.security == "tls":
                server = smtplib.SMTP_SSL(
                    host, int(port), timeout=TIMEOUT_S, context=ssl.create_default_context()
                )
            else:
                server = smtplib.SMTP(host, int(port), timeout=TIMEOUT_S)
            stack.enter_context(server)
            if mail.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if mail.username:
                password = (
                    mail.password_file.read_text(encoding="utf-8").rstrip("\r\n")
                    if mail.password_file
                    else ""
                )
                server.login(mail.username, password)
            server.send_message(message)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise NotSent(
            f"the mail server {mail.server} did not take the letter ({error}); check [mail] in alerts.toml"
        ) from error


def mailer(settings: AlertSettings) -> Callable[[Sequence[Alert], datetime], None] | None:
    """What sends letters, or None where no mail is set up."""
    mail = settings.mail
    if mail is None:
        return None
    return lambda alerts, now: send(letter(alerts, settings, now), mail)
