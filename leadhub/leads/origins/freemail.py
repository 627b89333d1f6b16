"""Domains of e-mail that anybody can have an address at, so that two people at one have nothing in common."""

FAMILIES = frozenset({"aol", "gmx", "hotmail", "live", "mail", "outlook", "yahoo", "yandex", "zoho"})
"""The same word under many countries: ``yahoo.fr``, ``yahoo.co.uk``."""
SINGLE = frozenset({
    "163.com", "126.com", "9online.fr", "alice.it", "aliceadsl.fr", "arcor.de", "att.net", "bbox.fr", "bigpond.com",
    "bluewin.ch", "bluemail.ch", "btinternet.com", "cegetel.net", "club-internet.fr", "comcast.net", "duck.com",
    "example.com", "example.net", "example.org", "fastmail.com", "fastmail.fm", "free.fr", "freenet.de", "gmail.com",
    "googlemail.com", "hey.com", "hushmail.com", "icloud.com", "inbox.ru", "laposte.net", "libero.it", "list.ru",
    "mac.com", "mail.ru", "mailbox.org", "me.com", "msn.com", "naver.com", "neuf.fr", "noos.fr", "numericable.fr",
    "orange.fr", "pm.me", "posteo.de", "posteo.net", "proton.me", "protonmail.ch", "protonmail.com", "qq.com",
    "rocketmail.com", "sapo.pt", "sbcglobal.net", "sfr.fr", "skynet.be", "sky.com", "sunrise.ch", "t-online.de",
    "tele2.fr", "telenet.be", "terra.com.br", "tiscali.it", "tutanota.com", "tuta.io", "uol.com.br", "verizon.net",
    "virgilio.it", "virginmedia.com", "voila.fr", "wanadoo.fr", "web.de", "wp.pl", "ymail.com",
})  # fmt: skip


def company_of(email: str | None) -> str:
    """The domain of an address that a company gave out; empty for none."""
    domain = (email or "").rpartition("@")[2].casefold().strip()
    is_everybodys = domain in SINGLE or domain.partition(".")[0] in FAMILIES
    return domain if "." in domain and not is_everybodys else ""
