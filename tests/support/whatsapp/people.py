"""A person with WhatsApp on the phone: writes, taps, reacts; sees what the number sent."""

from __future__ import annotations

from tests.support.whatsapp.server import CloudApi, Line, Object, Sent


class Person:
    """One person by a made-up business-scoped id and number. `shows`: user, phone or both."""

    def __init__(self, api: CloudApi, number: int, *, shows: str = "both") -> None:
        self.api, self.shows = api, shows
        user = f"CO.{10**19 + number}"
        self.line = api.lines.setdefault(user, Line(user=user, phone=f"57300{number:07d}"))

    def say(self, text: str) -> str:
        """Write a text."""
        return self.send("text", {"body": text})

    def press(self, reply: Object) -> str:
        """Tap a button or a row that was sent."""
        kind = "list_reply" if "description" in reply or reply.get("is_row") else "button_reply"
        shown = {key: reply[key] for key in ("id", "title", "description") if key in reply}
        return self.send("interactive", {"type": kind, kind: shown})

    def answer(self, line: str) -> str:
        """Tap what says it, else write it."""
        chosen = next((r for r in self.replies if r["title"].split(". ")[-1] == line), None)
        return self.press(chosen) if chosen else self.say(line)

    def send(self, kind: str, content: Object, **more: object) -> str:
        """Any message; the window opens."""
        wamid = self.api.wamid()
        message: Object = {"id": wamid, "timestamp": str(int(self.api.now())), "type": kind}
        message |= {"from": self.line.phone} if self.shows != "user" else {}
        message |= {"from_user_id": self.line.user} if self.shows == "user" else {}
        message |= {kind: content, **more}
        self.line.heard_at = self.api.now()
        self.api.pace.came_in()
        change = self.api.change({"messages": [message]}, self.line, shows=self.shows)
        self.api.events.append(change)
        return wamid

    @property
    def received(self) -> list[Sent]:
        """Everything the number sent them."""
        return [sent for sent in self.api.sent if sent.user == self.line.user]

    @property
    def replies(self) -> list[Object]:
        """Buttons and rows of the last message."""
        last = self.received[-1].payload if self.received else {}
        action = last.get("interactive", {}).get("action", {})
        rows = [{**r, "is_row": True} for s in action.get("sections", ()) for r in s["rows"]]
        return [button["reply"] for button in action.get("buttons", ())] + rows


def text_of(sent: Sent) -> str:
    """The words of a message."""
    payload = sent.payload
    if payload["type"] == "text":
        return str(payload["text"]["body"])
    if payload["type"] == "interactive":
        return str(payload["interactive"]["body"]["text"])
    return str(payload["template"]["name"])
