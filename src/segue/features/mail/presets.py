"""Servers of well-known mail providers, so that an address and a password are enough."""

from dataclasses import dataclass

TWO_STEP = "It needs an app password, which you make in the security settings of the account; two-step sign-in must be on."


@dataclass(frozen=True, slots=True)
class Preset:
    """Where a provider's servers are. `domains`: addresses that are surely there; `note`: what its users must know."""

    name: str
    smtp_host: str
    imap_host: str
    smtp_port: int = 587
    imap_port: int = 993
    domains: tuple[str, ...] = ()
    note: str = ""
    spf: tuple[str, ...] = ()
    """What the SPF record of a custom domain includes; the first is the one to add (MAIL-48)."""
    selectors: tuple[str, ...] = ()
    """Names under which it publishes DKIM keys."""

    def settings(self) -> dict[str, object]:
        """Return the settings of the provider `smtp_imap`."""
        return {
            "smtp_host": self.smtp_host,
            "smtp_port": self.smtp_port,
            "smtp_tls": "implicit" if self.smtp_port == 465 else "starttls",
            "imap_host": self.imap_host,
            "imap_port": self.imap_port,
            "imap_tls": "implicit" if self.imap_port == 993 else "starttls",
        }


PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            "gmail",
            "smtp.gmail.com",
            "imap.gmail.com",
            domains=("gmail.com", "googlemail.com"),
            note=f"Gmail: {TWO_STEP}",
            spf=("_spf.google.com",),
            selectors=("google",),
        ),
        Preset(
            "outlook",
            "smtp-mail.outlook.com",
            "outlook.office365.com",
            domains=("outlook.com", "hotmail.com", "live.com", "msn.com"),
            note=f"Outlook.com: {TWO_STEP} Microsoft refuses passwords for most accounts by now and asks for its own sign-in page.",
            spf=("spf.protection.outlook.com",),
            selectors=("selector1", "selector2"),
        ),
        Preset(
            "microsoft365",
            "smtp.office365.com",
            "outlook.office365.com",
            note="Microsoft 365 takes a password only where the tenant's admin still allows it for SMTP and IMAP; most tenants do not.",
            spf=("spf.protection.outlook.com",),
            selectors=("selector1", "selector2"),
        ),
        Preset(
            "fastmail",
            "smtp.fastmail.com",
            "imap.fastmail.com",
            465,
            domains=("fastmail.com", "fastmail.fm"),
            note=TWO_STEP,
            spf=("spf.messagingengine.com",),
            selectors=("fm1", "fm2", "fm3", "mesmtp"),
        ),
        Preset(
            "icloud",
            "smtp.mail.me.com",
            "imap.mail.me.com",
            domains=("icloud.com", "me.com", "mac.com"),
            note=TWO_STEP,
            spf=("icloud.com",),
            selectors=("sig1",),
        ),
        Preset(
            "yahoo",
            "smtp.mail.yahoo.com",
            "imap.mail.yahoo.com",
            465,
            domains=("yahoo.com", "ymail.com"),
            note=TWO_STEP,
            spf=("_spf.mail.yahoo.com",),
            selectors=("s1024", "s2048"),
        ),
        Preset(
            "zoho",
            "smtp.zoho.com",
            "imap.zoho.com",
            465,
            domains=("zohomail.com",),
            note=TWO_STEP,
            spf=("zohomail.com", "zoho.com", "one.zoho.com", "zohomail.eu", "zoho.eu"),
            selectors=("zoho", "zmail", "zohomail"),
        ),
        Preset("gmx", "mail.gmx.net", "imap.gmx.net", domains=("gmx.net", "gmx.de", "gmx.at", "gmx.ch")),
    )
}


def find_preset(address: str) -> Preset | None:
    """Return the provider that an address surely belongs to, by its domain."""
    domain = address.rpartition("@")[2].lower()
    return next((preset for preset in PRESETS.values() if domain in preset.domains), None)


def find_preset_of_host(smtp_host: str) -> Preset | None:
    """Return the provider whose outgoing server this is."""
    return next((preset for preset in PRESETS.values() if preset.smtp_host == smtp_host.lower()), None)


MICROSOFT = frozenset({"smtp.office365.com", "smtp-mail.outlook.com"})
PASSWORDS_END = "Microsoft switches passwords for sending off at the end of 2026; new tenants have none from 2027 on. Plan another mailbox."
"""MAIL-49: documented by Microsoft."""
