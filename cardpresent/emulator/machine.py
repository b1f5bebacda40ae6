"""State machines as tables: every legal move of an object stands in one dictionary."""

from collections.abc import Mapping


class IllegalTransition(Exception):
    """An object was asked for a move its table does not have."""

    def __init__(self, subject: str, state: str, event: str, allowed: tuple[str, ...]) -> None:
        self.subject, self.state, self.event, self.allowed = subject, state, event, allowed
        here = ", ".join(allowed) or "nothing"
        super().__init__(f"{subject}: cannot {event} while {state}; allowed here: {here}")


class Machine:
    """One transition table: (state, event) -> next state."""

    def __init__(self, name: str, table: Mapping[tuple[str, str], str]) -> None:
        self.name = name
        self.table = dict(table)
        self.states = tuple(dict.fromkeys([s for s, _ in self.table] + list(self.table.values())))
        self.events = tuple(dict.fromkeys(e for _, e in self.table))

    def next(self, subject: str, state: str, event: str) -> str:
        """The state after `event`. Raises IllegalTransition, which names what is allowed instead."""
        try:
            return self.table[state, event]
        except KeyError:
            raise IllegalTransition(subject, state, event, self.allowed(state)) from None

    def allows(self, state: str, event: str) -> bool:
        return (state, event) in self.table

    def allowed(self, state: str) -> tuple[str, ...]:
        return tuple(sorted(e for s, e in self.table if s == state))

    def as_mermaid(self) -> str:
        lines = [f"    {s} --> {after}: {event}" for (s, event), after in self.table.items()]
        return "\n".join(["stateDiagram-v2", *lines])
