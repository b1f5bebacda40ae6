"""A load profile is read, or refused with what to do."""

from pathlib import Path

import pytest

from cardpresent.launch.suite import suite_root
from cardpresent.loadgen.profile import Profile, ProfileError, known, load_profile, named

LOAD = suite_root() / "load"
ONE = "question='?', per_s=1, readers=1"


@pytest.mark.parametrize("name", known(LOAD))
def test_every_profile_of_the_suite_asks_one_question_and_can_be_run(name: str) -> None:
    profile = load_profile(named(name, LOAD))

    assert profile.question.endswith("?")
    assert all(0 <= window.begins < window.ends <= 1 for window in profile.windows)


def test_the_profiles_a_load_tester_asks_for_are_there():
    assert known(LOAD) == [
        "fleet", "lunch_rush", "shared_reader", "soak", "spike", "steady", "stripe_brownout", "webhook_backlog",
    ]  # fmt: skip


def test_a_profile_nobody_has_is_refused_with_those_there_are():
    with pytest.raises(ProfileError, match=r"no load profile is called dinner; there are fleet, lunch_rush, .*"):
        named("dinner", LOAD)


def test_a_file_of_the_teams_own_is_taken_by_its_path(tmp_path: Path):
    path = tmp_path / "ours.py"
    path.write_text(
        "from cardpresent.loadgen.profile import Profile\nPROFILE = Profile(question='Ours?', per_s=1, readers=2)\n"
    )

    assert load_profile(named(str(path), LOAD)).question == "Ours?"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "defines no PROFILE"),
        ("PROFILE = 3", "defines no PROFILE"),
        ("raise RuntimeError('no')", "RuntimeError: no; mend the file"),
        ("PROFILE = Profile(question='?', per_s=0, readers=1)", "per_s and duration_s are above 0"),
        ("PROFILE = Profile(question='?', per_s=1, readers=1, mix={'cash': 1})", "nobody comes for 'cash'; there are"),
        ("PROFILE = Profile(question='?', per_s=1, readers=1, mix={'sale': 0})", "nobody comes at all"),
        ("PROFILE = Profile(question='?', per_s=1, readers=1, phases=(Phase(0.5, 1),))", "the last at 1.0"),
        ("PROFILE = Profile(question='?', per_s=1, readers=1, goals={'p90_ms': 1})", "no goal is called p90_ms"),
        ("PROFILE = Profile(question='?', per_s=float('nan'), readers=1)", "every number has an end"),
        ("PROFILE = Profile(question='?', per_s=1, readers=1, hand_s=-1)", "hand_s and patience_s"),
        ("PROFILE = Profile(question='?', per_s=1, readers=1, phases=(Phase(1.0, -1),))", "times from 0"),
        (f"PROFILE = Profile({ONE}, windows=(Window(what='w', fault='f', begins=0.9, ends=0.1),))", "in that order"),
        (f"PROFILE = Profile({ONE}, windows=(Window(what='w', fault='f', begins=0, ends=2),))", "within the run"),
        (f"PROFILE = Profile({ONE}, windows=(Window(what='w', fault='f', begins=0, ends=1, at='x'),))", "is at 'x'"),
        ("import sys; sys.exit(0)", "ends the program"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "ours.py"
    path.write_text(f"from cardpresent.loadgen.profile import Phase, Profile, Window\n{text}\n")

    with pytest.raises(ProfileError) as refused:
        load_profile(path)

    assert str(path) in str(refused.value)
    assert said in str(refused.value)


def test_a_file_that_is_no_python_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "ours.txt"
    path.write_text("PROFILE = 1\n")

    with pytest.raises(ProfileError, match=r"ours\.txt: is no Python file"):
        load_profile(named(str(path), LOAD))


def test_a_profile_comes_at_an_even_rate_unless_it_says_otherwise():
    assert [(phase.until, phase.times) for phase in Profile(question="?", per_s=1, readers=1).phases] == [(1.0, 1.0)]
