"""The nouns everything else is built from; imports nothing of ours."""
