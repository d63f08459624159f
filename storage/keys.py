"""Secrets at work: addresses encrypted to write back, hashed to find; ids derived from both.

The keys come from files outside the database (`bot/instance.py` reads them). AES-256-GCM with
a key number in front and the place as associated data; HMAC-SHA256 for hashes.
"""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from flows.ids import ParticipantId
from storage.errors import StorageError

NONCE = 12
HASH_BYTES = 16


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys of 32 bytes; the last one encrypts, all of them decrypt. `pepper` hashes."""

    keys: tuple[bytes, ...]
    pepper: bytes

    def encrypt(self, text: str, place: str) -> bytes:
        """Encrypt a text for a place (table.column:participant)."""
        nonce = os.urandom(NONCE)
        sealed = AESGCM(self.keys[-1]).encrypt(nonce, text.encode(), place.encode())
        return bytes([len(self.keys) - 1]) + nonce + sealed

    def decrypt(self, sealed: bytes, place: str) -> str:
        """Decrypt. Raises StorageError when the key or the place is another."""
        try:
            key = self.keys[sealed[0]]
            body = AESGCM(key).decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], place.encode())
        except (IndexError, ValueError, InvalidTag) as problem:
            raise StorageError("An address cannot be decrypted with these keys.") from problem
        return body.decode()

    def digest(self, *parts: str) -> bytes:
        """Keyed hash of the parts, 32 bytes; no two lists of parts share a text."""
        joined = b"".join(len(p.encode()).to_bytes(4) + p.encode() for p in parts)
        return self.mac(joined)

    def mac(self, content: bytes) -> bytes:
        """Keyed hash of bytes, 32 bytes."""
        return hmac.digest(self.pepper, content, sha256)

    def hash(self, *parts: str) -> bytes:
        """Keyed hash for look-ups, 16 bytes."""
        return self.digest(*parts)[:HASH_BYTES]

    def participant_id(self, channel: str, address: str) -> ParticipantId:
        """The id that a first contact gives: 63 bits, the low ten of them its bucket."""
        return ParticipantId(int.from_bytes(self.digest("participant", channel, address)[:8]) >> 1)

    def event_id(self, channel: str, external_id: str) -> int:
        """The id of what an update caused; a replay gives the same."""
        return int.from_bytes(self.digest("event", channel, external_id)[:8]) >> 1
