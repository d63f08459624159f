"""The verbs of the command line, one file each: `add(parsers)` describes it, `run(args)` does it.

`VERBS` says where each verb lives; a verb's module is imported only when it is used.
"""

from __future__ import annotations

VERBS = {
    "init": "make the folder of a city: names, plan, consultations, keys",
    "check": "say everything that is wrong with a definition, and what it costs a person",
    "play": "talk with a consultation in the terminal",
    "simulate": "let random people answer, to see what they meet before opening",
    "serve": "run the web chat and the pages",
    "link": "a link and its QR code for a poster, an association, a consulate",
    "import-answers": "take in answers from a CSV file, whole or not at all",
    "summary": "the week's summary as data, chat text, page or PDF",
    "report": "the full report, to sign and to hand over: PDF or page",
    "table": "one question by sector, country, language or channel",
    "export": "the protected figures as XLSX, CSV or data package; rows only with a reason",
    "code": "themes of open answers: list, confirm, take in a coder's file, agreement",
    "publications": "what was published and what became of it; correct the last one",
    "reply": "answer a theme with reasons, and tell those who raised it",
    "wave": "open, close and follow the waves of a consultation",
    "invite": "ask those again who agreed to it, in a wave; see first who, when and at what cost",
    "silence": "periods of silence before elections: show, lift with a reason, restore",
    "officials": "who may use the officials' desk: invite, list, revoke, audit",
    "verify": "count and check everything in the records, and name what does not fit",
    "backup": "copy the records to a file while everything goes on",
    "restore": "put a backup in place; who withdrew since stays withdrawn",
    "migrate": "bring the records up to this version of the program",
    "demo": "a made-up city with made-up people, to try everything",
}
