"""The naive till, which ends at its first sale."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))
import naive_till


def create(body):
    sys.stderr.write("no such column: price\n")
    os._exit(7)


naive_till.POSTS["/create_payment_intent"] = create
naive_till.main()
