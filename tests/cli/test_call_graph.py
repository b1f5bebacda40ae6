"""What leads to what in the suite, as two questions need it: wherever a step may lead, and how often it surely does."""

from pathlib import Path
from textwrap import dedent

import pytest

from cardpresent.cli.call_graph import Code, Key, code_of
from cardpresent.launch.suite import suite_root

STEP = "steps.sale", "sells"
CLERK = "cardpresent.actors.clerk"


def code(folder: Path, step: str, clerk: str) -> Code:
    """A suite of one step and one actor's file, and a file of functions beside it."""
    for name, text in {
        "steps/sale.py": step, "actors/clerk.py": clerk, "actors/habits.py": "def bows(clerk): ...\nBOWS = bows\n",
    }.items():  # fmt: skip
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return Code(folder, folder / "actors")


def names(keys: frozenset[Key]) -> set[str]:
    return {name for _, name in keys} - {STEP[1]}


CLASSES = """
class Clerk:
    drawer: Drawer
    def __init__(self, till: Till, lock: Lock): self.till, self.lock, self.key = till, lock, made()
    @property
    def hand(self) -> Hand: ...
    def opens(self): ...
class Drawer:
    def opens(self): ...
class Till:
    def opens(self): ...
class Hand:
    def opens(self): ...
"""


@pytest.mark.parametrize(
    ("body", "surely", "perhaps"),
    [
        ("clerk.opens()", {"Clerk.opens": 1}, set()),
        ("clerk.opens(); clerk.opens()", {"Clerk.opens": 2}, set()),
        ("clerk.drawer.opens()", {"Drawer.opens": 1}, set()),
        ("clerk.till.opens()", {"Till.opens": 1}, set()),
        ("clerk.hand.opens()", {"Clerk.hand": 1, "Hand.opens": 1}, set()),
        ("till = clerk.till; till.opens()", {"Till.opens": 1}, set()),
        ("Till().opens()", {"Till.opens": 1}, set()),
        ("Clerk()", {"Clerk.__init__": 1}, set()),
        # What is of another class than the suite's is nobody's method here.
        ("clerk.lock.opens()", {}, set()),
        ("door.opens()", {}, set()),
        # What nothing says the class of may be any.
        ("clerk.key.opens()", {}, {"Clerk.opens", "Drawer.opens", "Till.opens", "Hand.opens"}),
        ("found = looks(); found.opens()", {}, {"Clerk.opens", "Drawer.opens", "Till.opens", "Hand.opens"}),
        ("every[0].opens()", {}, {"Clerk.opens", "Drawer.opens", "Till.opens", "Hand.opens"}),
        # What is only named may be called by whoever is handed it.
        ("does(clerk.opens)", {}, {"Clerk.opens"}),
        ("does(habits.bows)", {}, {"bows"}),
        ("habits.bows(clerk)", {"bows": 1}, set()),
        ("ALWAYS[0](clerk)", {}, {"ALWAYS", "bows", "BOWS"}),
    ],
)  # fmt: skip
def test_a_step_leads_where_types_say_and_in_doubt_wherever_it_may(
    tmp_path: Path, body: str, surely: dict[str, int], perhaps: set[str]
) -> None:
    step = f"""
        from cardpresent.actors import habits
        from cardpresent.actors.clerk import Clerk, Till
        from cardpresent.actors.habits import BOWS

        ALWAYS = (BOWS,)

        def sells(clerk: Clerk, door: "Door | None", every: list[Clerk]):
            {body}
    """
    read = code(tmp_path, step, CLASSES)

    start = read.step("steps/sale.py", "sells")

    assert {name: times for (_, name), times in read.times(start).items() if name != "sells"} == surely
    assert names(read.reached(start)) == surely.keys() | perhaps


def test_a_circle_is_gone_round_once_from_wherever_it_is_entered(tmp_path: Path) -> None:
    actor = """
        class Clerk:
            def asks(self):
                self.waits()
                self.waits()
            def waits(self):
                self.asks()
                self.looks()
            def looks(self): ...
    """
    read = code(tmp_path, "def sells(clerk: Clerk):\n    clerk.asks()\n", actor)

    asks, waits, looks = ((CLERK, f"Clerk.{name}") for name in ("asks", "waits", "looks"))

    assert read.times(STEP) == {STEP: 1, asks: 1, waits: 2, looks: 2}
    assert read.times(waits) == {waits: 1, asks: 1, looks: 1}
    assert read.reached(waits) == {asks, waits, looks}


def test_what_is_closed_is_not_gone_into(tmp_path: Path) -> None:
    actor = "class Clerk:\n    def rests(self):\n        self.looks()\n    def looks(self): ...\n"
    read = code(tmp_path, "def sells(clerk: Clerk):\n    clerk.rests()\n", actor)

    assert names(read.reached(STEP)) == {"Clerk.rests", "Clerk.looks"}
    assert names(read.reached(STEP, closed=("rests",))) == set()


def test_a_step_that_is_not_there_is_not_taken_for_one_that_does_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="has no step buys"):
        code(tmp_path, "def sells(): ...\n", "").step("steps/sale.py", "buys")


def test_what_surely_happens_may_happen() -> None:
    """Whatever the plan counts, the question about needs has seen as well."""
    read = code_of(suite_root())

    for start in read.every():
        assert read.times(start).keys() <= read.reached(start), start
