"""The naive till, which never answers when a payment is to be made."""

import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))
import naive_till

naive_till.POSTS["/create_payment_intent"] = lambda body: threading.Event().wait()
naive_till.main()
