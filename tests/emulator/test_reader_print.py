"""Printing on a reader with paper."""

import pytest

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 100


def printed(shop, reader, image=PNG, filename="receipt.png", **fields):
    files = {"image": (filename, image, "image/png")} if image is not None else {"other": ("x", b"x")}
    return shop.server.http.post(
        f"/v1/terminal/readers/{reader}/print_content", data={"type": "image", **fields}, files=files,
        headers={"Authorization": f"Bearer {shop.key}"},
    )


@pytest.fixture
def printer(shop):
    made = shop.client.terminal.readers.create({"registration_code": "simulated-v660p", "location": shop.location})
    return made.id


def action(shop, reader):
    return shop.client.terminal.readers.retrieve(reader).action


@pytest.mark.parametrize(("image", "kind"), [(PNG, "png"), (JPEG, "jpg")])
def test_an_image_is_printed_and_takes_a_moment(shop, printer, image, kind):
    answer = printed(shop, printer, image)
    assert answer.status_code == 200
    begun = answer.json()["action"]
    file = begun["print_content"]["image"]
    assert (begun["type"], begun["status"], begun["print_content"]["type"]) == ("print_content", "in_progress", "image")
    assert (file["filename"], file["size"], file["type"]) == ("receipt.png", len(image), kind)
    shop.advance(2)
    assert action(shop, printer).status == "succeeded"
    assert shop.events()[-1] == "terminal.reader.action_succeeded"


def test_printing_is_cancelled_and_then_does_not_end(shop, printer):
    printed(shop, printer)
    assert shop.client.terminal.readers.cancel_action(printer).action is None
    shop.advance(10)
    assert action(shop, printer) is None
    assert "terminal.reader.action_succeeded" not in shop.events()


@pytest.mark.parametrize("image", [b"GIF89a" + b"\0" * 50, PNG + b"\0" * 100 * 1024, b""])
def test_an_image_that_cannot_be_printed_is_refused(shop, printer, image):
    answer = printed(shop, printer, image)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "image")
    assert action(shop, printer) is None


def test_an_image_is_sent_as_a_file(shop, printer):
    path = f"/v1/terminal/readers/{printer}/print_content"
    for body, param in (("type=image", "image"), ("image=x", "image"), ("type=text", "type")):
        answer = shop.call("POST", path, body)
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def test_a_reader_without_paper_prints_nothing(shop):
    assert printed(shop, shop.reader).status_code == 400
    assert shop.action() is None
