import pytest

from cardpresent.profile.lines import line_of

TEXT = """\
# a file
top = 1
[till]
name = "x"
"quoted key" = 2
[a.b] # why
c = { d = 1 }
[[a.steps]]
path = "/1"
[[a.steps]]
path = "/2"
"""


@pytest.mark.parametrize(
    "key, line",
    [
        ("top", 2),
        ("till.name", 4),
        ("till.quoted key", 5),
        ("a.b", 6),
        ("a.b.c.d", 7),
        ("a.steps[0].path", 9),
        ("a.steps[1].path", 11),
        ("a.steps[1].missing", 10),
        ("till.name[2]", 4),
        ("nowhere.at.all", None),
    ],
)
def test_a_key_is_found_on_its_line_or_on_that_of_the_nearest_table(key, line):
    assert line_of(TEXT, key) == line
