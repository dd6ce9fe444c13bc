"""`segue mail rules`, `segue mail aliases`, `segue mail forget-alias`: what counts as a contact's mail."""

from dataclasses import asdict, dataclass, replace
from typing import Annotated

import typer

from segue.cli.opening import open_segue
from segue.cli.options import Common
from segue.cli.screen import Screen, pairs, sentence, table
from segue.features.mail.aliases import forget, list_aliases
from segue.features.mail.mail_rules import MailRules, get_mail_rules, set_mail_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules(Common):
    unrelated_any_user: Annotated[
        bool | None,
        typer.Option(
            "--unrelated-any-user/--unrelated-own",
            help="Whether other mail of a contact counts in every mailbox, or in its sender's only.",
        ),
    ] = None
    log_alias_mail: Annotated[
        bool | None, typer.Option("--log-alias-mail/--hide-alias-mail", help="Whether mail from an alias stands on the timeline.")
    ] = None
    opt_out_words: Annotated[
        bool | None, typer.Option("--opt-out-words/--no-opt-out-words", help="Whether a reply that asks for no more mail bars the address.")
    ] = None
    count_by_hand: Annotated[
        bool | None,
        typer.Option(
            "--count-by-hand/--ignore-by-hand",
            help="Whether mails written in the mail program, as the Sent folder shows them, count toward a mailbox's limit.",
        ),
    ] = None


def rules(options: Rules, screen: Screen) -> None:
    """Show or change which mail counts as a contact's. Without options nothing is changed."""
    given = {name: value for name in asdict(MailRules()) if (value := getattr(options, name)) is not None}
    with open_segue(options) as segue, segue.tx() as tx:
        now = replace(get_mail_rules(tx), **given)
        if given:
            set_mail_rules(tx, now)
    screen.show(
        asdict(now),
        pairs(
            (
                (
                    "Other mail of a contact counts",
                    "in every mailbox" if now.unrelated_any_user else "where its sender or enroller reads",
                ),
                ("Mail from an alias", "stands on the timeline" if now.log_alias_mail else "only ends the enrollment"),
                ("A reply that asks for no more mail", "bars the address" if now.opt_out_words else "is a reply like any other"),
                ("Mail written by hand", "counts toward the limit" if now.count_by_hand else "counts toward no limit"),
            )
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Aliases(Common):
    contact: Annotated[str, typer.Argument(help="Address of the contact.", metavar="CONTACT")]


def aliases(options: Aliases, screen: Screen) -> None:
    """Show the further addresses of a contact: imported, or learnt from its answers."""
    with open_segue(options) as segue, segue.tx() as tx:
        found = list_aliases(tx, options.contact)
    screen.show(
        {"contact": options.contact, "aliases": found},
        table(("Further address",), ([each] for each in found), empty="This contact has no further address."),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetAlias(Common):
    contact: Annotated[str, typer.Argument(help="Address of the contact.", metavar="CONTACT")]
    address: Annotated[str, typer.Argument(help="The further address to take away.", metavar="ADDRESS")]


def forget_alias(options: ForgetAlias, screen: Screen) -> None:
    """Take a further address of a contact away. It is not learnt from an answer again."""
    with open_segue(options) as segue, segue.tx() as tx:
        forget(tx, options.contact, options.address)
    screen.show(
        {"contact": options.contact, "forgotten": options.address},
        sentence(f"Mail from {options.address} no longer counts as mail of {options.contact}."),
    )
