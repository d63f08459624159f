"""The week by e-mail: the text and the page, to a list of addresses."""

from __future__ import annotations

from email.message import EmailMessage
from typing import TYPE_CHECKING

from bot.credentials import MailAccess
from bot.errors import Unavailable

if TYPE_CHECKING:
    from bot.desk.week import Week

TIMEOUT_S = 30


def compose(week: Week, access: MailAccess, recipient: str) -> EmailMessage:
    """One message to one recipient: nobody sees the others."""
    message = EmailMessage()
    message["Subject"] = week.text.split("\n", 1)[0][:120]
    message["From"] = access.sender
    message["To"] = recipient
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(week.text)
    message.add_attachment(
        week.pdf, maintype="application", subtype="pdf", filename=week.file_name
    )
    return message


async def send(message: EmailMessage, access: MailAccess) -> None:
    """Hand it to the city's mail server. Raises Unavailable."""
    import aiosmtplib

    try:
        await aiosmtplib.send(
            message,
            hostname=access.host,
            port=access.port,
            username=access.user or None,
            password=access.password or None,
            use_tls=access.security == "tls",
            start_tls=access.security == "starttls",
            timeout=TIMEOUT_S,
        )
    except (aiosmtplib.SMTPException, OSError):
        raise Unavailable("The mail server did not take the message.") from None
