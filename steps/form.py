"""What the reader asks a customer beside a card."""

import pytest
from pytest_bdd import given, then, when

from cardpresent.actors.form import FormOnReader
from cardpresent.actors.stage import Stage
from cardpresent.checks import forms


@pytest.fixture
def form(stage: Stage) -> FormOnReader:
    return FormOnReader(stage)


@given("the reader asks the customer what the shop wants to know")
@when("the reader asks the customer what the shop wants to know")
def asked(form: FormOnReader) -> None:
    form.is_asked()


@when("the customer answers every question")
def answers(form: FormOnReader) -> None:
    form.is_answered()


@when("the customer skips what may be skipped and answers the rest")
def skips(form: FormOnReader) -> None:
    form.is_answered(skipping=True)


@given("the customer has left without answering")
def leaves(form: FormOnReader) -> None:
    form.is_left()


@then("every answer has reached the till")
def arrived(stage: Stage) -> None:
    stage.judge(forms.answers_arrived(stage.followed()))


@then("the till says that nobody answered")
def told_left(stage: Stage) -> None:
    stage.judge(forms.left_told(stage.followed()))


@then("no question is forbidden on a reader")
def allowed(stage: Stage) -> None:
    stage.judge(forms.asks_nothing_forbidden(stage.followed()))
