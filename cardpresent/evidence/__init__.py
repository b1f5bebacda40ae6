"""The journal: what was asked, what crossed each wire, what the books say."""
