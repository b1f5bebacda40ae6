"""What is kept of one scenario's turn at a till, as the report lists it: a mapping that JSON can hold."""

from typing import Any

Record = dict[str, Any]
