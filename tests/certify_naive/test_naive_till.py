"""A suite that is right only about its own reference is worth nothing: here it meets a till from the field."""

from tests.certify_naive.judged import Judged


class TestTheNaiveTill(Judged):
    name = "naive_till"
