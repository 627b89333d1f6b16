"""The hub's secrets: made in the data folder for an SQLite hub, demanded from the admin on a server database."""

import dataclasses
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from leadhub.errors import SettingError
from leadhub.settings import PREFIX, Settings

KEY_WORD = b"leadhub"


def with_keys(settings: Settings) -> Settings:
    """The same settings with every key filled in.  Raises ``SettingError`` where one may not be made."""
    _make_folder(settings.data_dir)
    missing = [name for name in ("secret_key", "encryption_keys") if not getattr(settings, name)]
    if missing and not settings.is_sqlite:
        names = " and ".join(PREFIX + name.upper() for name in missing)
        raise SettingError(f"{names}: not set. With a server database, every process must be given the same keys.")
    made: dict[str, object] = {}
    if "secret_key" in missing:
        made["secret_key"] = _kept(settings.data_dir / "secret_key", secrets.token_urlsafe(48))
    if "encryption_keys" in missing:
        made["encryption_keys"] = (_kept(settings.data_dir / "encryption_key", Fernet.generate_key().decode()),)
    return dataclasses.replace(settings, **made)  # type: ignore[arg-type]


def cipher(settings: Settings) -> MultiFernet:
    """Encrypts with the newest key, decrypts with any."""
    return MultiFernet([Fernet(key) for key in settings.encryption_keys])


def proof(settings: Settings) -> str:
    """A known word, encrypted: kept with the hub, it tells later whether the keys are still the right ones."""
    return cipher(settings).encrypt(KEY_WORD).decode()


def fits(settings: Settings, kept: str | None) -> bool:
    """Can one of today's keys read the proof?  A hub that has none yet has nothing that a key could lack for."""
    if kept is None:
        return True
    try:
        return cipher(settings).decrypt(kept.encode()) == KEY_WORD
    except InvalidToken:
        return False


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        raise SettingError(f"{PREFIX}DATA_DIR: the folder {folder} can't be made.") from None
    if not os.access(folder, os.W_OK):
        raise SettingError(f"{PREFIX}DATA_DIR: the folder {folder} can't be written to.")


def _kept(path: Path, fresh: str) -> str:
    """The key in the file; a fresh one is written first where there is none.  Two starts at once end with one key."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    if not path.exists():
        draft.touch(mode=0o600)
        draft.write_text(fresh, encoding="ascii")
        try:
            os.link(draft, path)  # fails where another process was faster, and is never half written
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()
