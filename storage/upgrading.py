"""What a migration cannot do because it needs the keys: once, before anything is written."""

from __future__ import annotations

from sqlalchemy import Connection, Row, select

from flows.ids import ParticipantId, bucket_of
from storage import tables as t
from storage.keys import KeyRing
from storage.ledger import AUDIT_BUCKET, Ledger, as_body
from storage.once import claim, is_claimed
from storage.publications import tell_publication
from storage.replies import tell_reply
from storage.seals import seal_older_rows

NAME = "records/accounted"


def account_for_older_rows(connection: Connection, keys: KeyRing, now: int) -> None:
    """Seal older rows, and put into the ledger what has been told there only since 0007."""
    if is_claimed(connection, NAME):
        return
    seal_older_rows(connection, keys)
    ledger = Ledger(connection)
    for row in connection.execute(select(t.withdrawn_count)).mappings():
        ledger.append(AUDIT_BUCKET, kind="withdrawn", at=now, body=as_body(dict(row)))
    for found in connection.execute(select(t.publication)):
        tell_publication(ledger, found)
    for found in connection.execute(select(t.reply)):
        tell_reply(ledger, found, actor="", at=now)
    for found in connection.execute(select(t.participant_link)):
        body = as_body({"absorbed": found.absorbed, "kept": found.kept})
        ledger.append(found.bucket, kind="joined", at=now, body=body)
    _permissions(connection, ledger, now)
    ledger.flush()
    claim(connection, NAME, now)


def _permissions(connection: Connection, ledger: Ledger, now: int) -> None:
    purposes: dict[tuple[int, str], list[str]] = {}
    row: Row[tuple[int, int, str, str, int]]
    for row in connection.execute(select(t.permission)):
        purposes.setdefault((row.participant, row.consultation), []).append(row.purpose)
    for (participant, consultation), given in purposes.items():
        body = as_body({"consultation": consultation, "purposes": sorted(given)})
        bucket = bucket_of(ParticipantId(participant))
        ledger.append(bucket, kind="permission", at=now, body=body, actor=str(participant))
