"""Whose payment is it: told by id, by metadata, by time, or honestly not at all."""

from cardpresent.actors.attribution import Claim, attribute

OPEN = float("inf")


def claim(sale: str, opened_ms: float = 0, closed_ms: float = OPEN, *returned: str) -> Claim:
    return Claim(sale, frozenset(returned), opened_ms, closed_ms)


def pi(pi_id: str = "pi_1", **metadata: str) -> dict[str, object]:
    return {"id": pi_id, "metadata": metadata}


def test_the_id_the_till_returned_decides_before_all() -> None:
    owners = attribute([pi(sale="B")], [claim("A", 0, OPEN, "pi_1"), claim("B")], "sale", {"pi_1": 5})

    assert owners["pi_1"] == ("A", "returned")


def test_declared_metadata_decides_next() -> None:
    assert attribute([pi(sale="B")], [claim("A"), claim("B")], "sale", {"pi_1": 5})["pi_1"] == ("B", "metadata")


def test_metadata_of_another_run_is_nobodys_here() -> None:
    owners = attribute([pi(sale="old")], [claim("A", 10, 20)], "sale", {"pi_1": 5})

    assert owners["pi_1"] == (None, "none")


def test_what_was_made_while_one_sale_was_open_is_that_sales() -> None:
    claims = [claim("A", 0, 100), claim("B", 100)]

    assert attribute([pi()], claims, None, {"pi_1": 50})["pi_1"] == ("A", "window")
    assert attribute([pi()], claims, None, {"pi_1": 150})["pi_1"] == ("B", "window")


def test_two_open_sales_make_it_ambiguous_never_a_guess() -> None:
    assert attribute([pi()], [claim("A"), claim("B", 10)], None, {"pi_1": 50})["pi_1"] == (None, "ambiguous")


def test_a_payment_nobody_saw_made_belongs_to_the_only_sale_or_to_none() -> None:
    assert attribute([pi()], [claim("A")], None, {})["pi_1"] == ("A", "window")
    assert attribute([pi()], [claim("A"), claim("B")], None, {})["pi_1"] == (None, "ambiguous")
