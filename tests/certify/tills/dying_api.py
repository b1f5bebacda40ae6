"""The naive till of fixtures/tills, which ends by itself when it is asked to send a sale to the reader.

$ONCE, a file, says that it has done so before.
"""

import os
import runpy
from pathlib import Path

naive = runpy.run_path(str(Path(__file__).resolve().parents[3] / "fixtures" / "tills" / "naive_till.py"))
process = naive["POSTS"]["/process"]


def dies(body):
    once = Path(os.environ["ONCE"])
    if not once.exists():
        once.touch()
        os._exit(9)
    return process(body)


naive["POSTS"]["/process"] = dies
naive["main"]()
