"""`python -m cardpresent`."""

from cardpresent.cli.main import main

main()
