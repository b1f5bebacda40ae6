"""What only people can see: they are asked, they look, and they answer for it."""

from pytest_bdd import given, parsers, then, when

from cardpresent.actors.person import Person


@given(parsers.parse("whoever {knows} is asked to {task}"))
def asked(person: Person, knows: str, task: str) -> None:
    person.is_asked_to(task, whoever=knows)


@when(parsers.parse("they answer for it for {days:d} days"))
def answered(person: Person, days: int) -> None:
    person.answers(days)


@when(parsers.parse("they answer for it for {days:d} days and show {evidence}"))
def answered_with_evidence(person: Person, days: int, evidence: str) -> None:
    person.answers(days, evidence)


@then("Stripe knows the new reader and its Location")
def reader_known(person: Person) -> None:
    person.registered_a_reader()


@then("the answer is recorded")
def recorded(person: Person) -> None:
    person.is_recorded()
