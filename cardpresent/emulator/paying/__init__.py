"""What happens when a card pays: cards, their issuers, the conversation at a reader, and what sellers share."""
