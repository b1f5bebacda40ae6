"""Step definitions by domain word: words become one call each."""
