"""The naive till, which answers with a page where its file expects JSON."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))
import naive_till

page = b"<!doctype html><title>Sale</title><p>Please insert the card."


def reply(self, code, body):
    self.send_response(code)
    self.send_header("Content-Type", "text/html")
    self.send_header("Content-Length", str(len(page)))
    self.end_headers()
    self.wfile.write(page)


naive_till.Handler.reply = reply
naive_till.main()
