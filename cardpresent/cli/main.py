"""`cardpresent`: few verbs, long options in words, results on stdout, progress on stderr."""

import importlib
from typing import Any

import click

from cardpresent import __version__
from cardpresent.cli.stop import Stop
from cardpresent.launch.keys import LiveKeyRefused, refuse_live_text
from cardpresent.model.outcome import Exit

# A command's module is imported when it is asked for, so that `--help` answers at once.
COMMANDS = {
    "init": ("cardpresent.cli.init", "Write a first integration file for your till."),
    "certify": ("cardpresent.cli.certify", "Put the checklist to a till and write a certificate."),
    "load": ("cardpresent.cli.load", "Let customers come to a till at a rate, and hold every sale against the books."),
    "load-worker": ("cardpresent.cli.load_worker", "Drive a share of a load run from another machine."),
    "doctor": ("cardpresent.cli.doctor", "Walk through a till once and say what is wrong in file, till or machine."),
    "replay": ("cardpresent.cli.replay", "Put a till once more to what went wrong, from the file a run wrote."),
    "prove": ("cardpresent.cli.prove", "Show that the suite refuses every seeded defect and no harmless variant."),
    "diff": ("cardpresent.cli.diff", "Hold a run against an earlier one: no must may be worse off unnoticed."),
    "explain": ("cardpresent.cli.explain", "Say what a requirement means, where it comes from and how it is checked."),
    "gateway": ("cardpresent.cli.gateway", "Stand beside a till on another host, between it and its Stripe."),
    "run": ("cardpresent.cli.run", "Start your till with its Stripe traffic going to a local Stripe, unedited."),
    "emulate": ("cardpresent.cli.emulate", "Run a local Stripe with simulated readers."),
}


class Verbs(click.Group):
    """Lists every command without importing any."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """A live key on the command line is refused here, before any error message can repeat it."""
        try:
            for word in args:
                refuse_live_text(word, "the command line")
        except LiveKeyRefused as refused:
            raise Stop(str(refused), Exit.CONFIGURATION) from None
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Whatever no command foresaw ends with 4: Python would end with 1, which says that a till was refused."""
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, click.Abort):
            # The same for whoever is called away before, or outside of, anything that has an end of its own.
            raise Stop("interrupted from the keyboard: nothing was begun", Exit.INCOMPLETE) from None
        except (click.ClickException, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception as error:
            from cardpresent.cli.own_fault import own_fault

            raise Stop(own_fault(error), Exit.HARNESS) from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: Any = getattr(importlib.import_module(COMMANDS[cmd_name][0]), cmd_name.replace("-", "_"))
        return found if isinstance(found, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in COMMANDS.items()])


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="cardpresent %(version)s")
def main() -> None:
    """Certifies that a point of sale takes in-person card payments correctly with Stripe Terminal.

    \b
    A first look, no account and no hardware needed:
      cardpresent certify
    Your own till, described by a file (docs/integrations.md):
      cardpresent init
      cardpresent certify --integration cardpresent.toml
    """
