"""The integration file, read and checked: how one team's till is described."""

from cardpresent.model.capability import Capability
from cardpresent.profile.errors import IntegrationError
from cardpresent.profile.integration import MAIN, Integration
from cardpresent.profile.loading import load
from cardpresent.profile.vocabulary import CAPABILITIES, VERBS, Verb

__all__ = ["CAPABILITIES", "MAIN", "VERBS", "Capability", "Integration", "IntegrationError", "Verb", "load"]
