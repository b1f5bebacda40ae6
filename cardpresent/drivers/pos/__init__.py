"""How a till is worked: over HTTP as its integration file says, or at its page."""

from cardpresent.drivers.pos.contract import AdapterContractError, CheckedPos
from cardpresent.drivers.pos.http import HttpPos
from cardpresent.drivers.pos.port import NotOffered, PosDriver, PosReply, TillRecord, Verb

__all__ = ["AdapterContractError", "CheckedPos", "HttpPos", "NotOffered", "PosDriver", "PosReply", "TillRecord", "Verb"]
