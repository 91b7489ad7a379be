"""Keys: one master key in a file wraps each subject's own key; a subject's key seals its crops.

Destroying a subject's key makes what it sealed unreadable; a backup made before still holds the
wrapped key until the backup itself is gone or the erasure is replayed over it.
"""

import os
import secrets
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bigbrother.kernel.errors import BigBrotherError

KEY_BYTES = 32
_NONCE_BYTES = 12


class InvalidMasterKey(BigBrotherError):
    """The master key's file is missing, damaged or open to others."""

    code = "invalid-master-key"
    title = "The master key cannot be used"


class SealBroken(BigBrotherError):
    """Sealed bytes were changed, moved, or sealed under another key."""

    code = "seal-broken"
    title = "Sealed data cannot be opened"


def new_key() -> bytes:
    """A random key of 32 bytes."""
    return secrets.token_bytes(KEY_BYTES)


def seal(key: bytes, plain: bytes, context: bytes) -> bytes:
    """Encrypts with AES-256-GCM: 12 bytes of nonce, the ciphertext, 16 bytes of tag.

    `context` says what the bytes are and whose; they open in the same context only.
    """
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, context)


def open_sealed(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """What `seal` was given; raises SealBroken for another key, another context or any change."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
    except (InvalidTag, ValueError) as error:
        raise SealBroken(
            "Sealed data does not open: it was changed, or the master key is another one.",
            remedy="Put back the master key that was in force when it was stored.",
        ) from error


class MasterKey:
    """The key that wraps all others. Never shown, never stored in the database."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise InvalidMasterKey(
                f"A master key has {KEY_BYTES} bytes, not {len(key)}.",
                remedy="Put back the key file from its backup.",
            )
        self._key = key

    def __repr__(self) -> str:
        return "MasterKey(…)"

    @classmethod
    def load(cls, path: Path) -> "MasterKey":
        """Reads the key's file: 32 bytes, readable by its owner only; raises InvalidMasterKey."""
        try:
            with path.open("rb") as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                key = file.read(KEY_BYTES + 1)
        except FileNotFoundError as error:
            raise InvalidMasterKey(
                f"There is no master key in {path}.", remedy="Put it back from its backup."
            ) from error
        except OSError as error:
            raise InvalidMasterKey(
                f"The master key {path} cannot be read: {error.strerror}.",
                remedy="Make it a file that belongs to the account of the service.",
            ) from error
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise InvalidMasterKey(
                f"Others may read or change the master key {path} (mode {mode:04o}).",
                remedy=f"Run: chmod 600 '{path}'. Make a new key if somebody may have read it.",
            )
        if len(key) != KEY_BYTES:
            raise InvalidMasterKey(
                f"The master key {path} does not have {KEY_BYTES} bytes.",
                remedy="Put it back from its backup.",
            )
        return cls(key)

    @classmethod
    def create(cls, path: Path) -> "MasterKey":
        """Writes a new random key, whole or not at all, with mode 0600.

        Raises InvalidMasterKey when the file exists: what another key wrapped would be lost.
        """
        key = new_key()
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            _write(draft, key)
            # A link, other than a rename, never takes the place of a key that is there.
            path.hardlink_to(draft)
            _flush(path.parent)
        except FileExistsError as error:
            raise InvalidMasterKey(
                f"There is a master key in {path} already.",
                remedy="Use it; without it the crops that are kept cannot be opened.",
            ) from error
        except OSError as error:
            raise InvalidMasterKey(
                f"The master key {path} cannot be written: {error.strerror}.",
                remedy="Make its folder, with free space, writable for this account.",
            ) from error
        finally:
            draft.unlink(missing_ok=True)
        return cls(key)

    def derive(self, context: bytes) -> bytes:
        """A key of 32 bytes for one purpose; it tells nothing of this key. HKDF with SHA-256."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=context).derive(self._key)

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """The key sealed under the master key, for the database."""
        return seal(self._key, key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The key that was wrapped in the same context; raises SealBroken."""
        return open_sealed(self._key, wrapped, context)


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
