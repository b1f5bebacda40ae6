"""The naive till with the habit of many samples: it takes the first reader of the list, whichever was chosen."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))
import naive_till

asked = naive_till.process
naive_till.POSTS["/process"] = lambda body: asked(
    {**body, "reader_id": naive_till.stripe("GET", "/v1/terminal/readers")["data"][0]["id"]}
)
naive_till.main()
