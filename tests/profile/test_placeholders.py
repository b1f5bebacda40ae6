import pytest

from cardpresent.profile.placeholders import MissingValue, fill_from, found_in


def test_a_text_is_filled_from_values_and_from_the_environment(monkeypatch):
    monkeypatch.setenv("SHOP", "harbour")

    assert fill_from("{{x}} {port} {env.SHOP} {open?yes:no}", {"port": 4242, "open": False}) == "{x} 4242 harbour no"


@pytest.mark.parametrize("name", ["port", "env.NOT_SET_ANYWHERE", "HOME"])
def test_a_placeholder_that_nothing_fills_is_named(name):
    with pytest.raises(MissingValue, match=rf"nothing fills \{{{name}\}}"):
        fill_from("{" + name + "}", {})


def test_a_live_key_in_the_environment_is_never_filled_in(monkeypatch):
    monkeypatch.setenv("KEY", "sk_" + "live_" + "secret")

    with pytest.raises(MissingValue) as caught:
        fill_from("{env.KEY}", {})
    assert "secret" not in str(caught.value)


def test_placeholders_are_found_wherever_they_stand():
    raw = {"json": {"lines": [{"amount": "{amount.minor}"}]}, "path": "/sales/{sale}", "regex": r"\d{3}"}

    assert list(found_in(raw)) == [("json.lines[0].amount", "amount.minor"), ("path", "sale")]
