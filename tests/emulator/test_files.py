"""Files and the links to them: what each purpose takes, and when it is over."""

import io

import pytest

DAY_S = 24 * 3600
PNG, JPG, GIF, PDF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"%PDF-1.7"
MB = 1024 * 1024


def upload(shop, purpose="terminal_reader_splashscreen", content=PNG + b"0" * 100, name="logo.png", **params):
    file = io.BytesIO(content)
    file.name = name
    return shop.client.files.create({"purpose": purpose, "file": file, **params})


def test_an_uploaded_file_is_kept_with_what_it_is(shop):
    made = upload(shop)
    assert (made.size, made.type, made.filename, made.expires_at) == (108, "png", "logo.png", None)
    assert made.url == f"https://files.stripe.com/v1/files/{made.id}/contents"
    assert (made.links.data, made.links.url) == ([], f"/v1/file_links?file={made.id}")
    assert shop.client.files.retrieve(made.id).to_dict() == made.to_dict()
    assert shop.events()[-1] == "file.created"


@pytest.mark.parametrize(
    ("purpose", "content", "name", "type"),
    [
        ("terminal_reader_splashscreen", JPG, "a.jpeg", "jpg"),
        ("terminal_reader_splashscreen", GIF + b"0" * (3 * MB), "a.gif", "gif"),
        ("terminal_reader_splashscreen", PNG + b"0" * (2 * MB - 9), "a.png", "png"),
        ("dispute_evidence", PDF, "a.pdf", "pdf"), ("customer_signature", b'<?xml?> <svg xmlns=""/>', "a.svg", "svg"),
        ("tax_document_user_upload", b"a,b", "a.csv", "csv"), ("terminal_wifi_certificate", b"---", "ca.pem", "pem"),
        ("business_logo", PNG, "misnamed.gif", "png"),
    ],
)
def test_a_purpose_takes_its_formats(shop, purpose, content, name, type):
    made = upload(shop, purpose, content, name)
    assert (made.purpose, made.type) == (purpose, type)


@pytest.mark.parametrize(
    ("purpose", "content", "name"),
    [
        ("terminal_reader_splashscreen", PDF, "a.pdf"), ("terminal_reader_splashscreen", b"no picture", "a.png"),
        ("terminal_reader_splashscreen", PNG + b"0" * (2 * MB), "a.png"),
        ("terminal_reader_splashscreen", GIF + b"0" * (4 * MB), "a.gif"),
        ("business_icon", PNG + b"0" * (512 * 1024), "a.png"), ("pci_document", PNG, "a.png"),
        ("terminal_wifi_certificate", b"", "ca.pem"),
    ],
)
def test_another_format_or_size_is_refused(shop, purpose, content, name):
    error = shop.refusal(upload, shop, purpose, content, name)
    assert (error.http_status, error.param) == (400, "file")
    assert shop.client.files.list().data == []


@pytest.mark.parametrize("body", ["purpose=pci_document", "purpose=pci_document&file=x", "file=x"])
def test_a_file_must_be_sent_as_one(shop, body):
    error = shop.call("POST", "/v1/files", body).json()["error"]
    assert error["type"] == "invalid_request_error"
    assert error["param"] == ("purpose" if "purpose" not in body and "file" not in body else "file")


def test_files_are_listed_by_purpose(shop):
    screen, evidence = upload(shop), upload(shop, "dispute_evidence", PDF, "a.pdf")
    assert [file.id for file in shop.client.files.list().data] == [evidence.id, screen.id]
    assert [file.id for file in shop.client.files.list({"purpose": "dispute_evidence"}).data] == [evidence.id]


def test_contents_are_refused_as_not_emulated(shop):
    answer = shop.call("GET", f"/v1/files/{upload(shop).id}/contents")
    assert (answer.status_code, answer.headers["X-Emulator"]) == (404, "not-emulated")


def test_a_file_with_an_end_is_gone_after_it(shop):
    made = upload(shop, "customer_signature")
    link = shop.client.file_links.create({"file": made.id})
    assert made.expires_at == made.created + 7 * DAY_S
    shop.advance(7 * DAY_S - 1)
    assert shop.client.files.retrieve(made.id).id == made.id

    shop.advance(1)

    assert shop.refusal(shop.client.files.retrieve, made.id).http_status == 404
    assert shop.client.file_links.retrieve(link.id).expired is True


def test_a_signature_drawn_on_a_reader_is_a_file(shop):
    shop.client.terminal.readers.collect_inputs(
        shop.reader, {"inputs": [{"type": "signature", "custom_text": {"title": "Sign"}}]}
    )
    shop.client.test_helpers.terminal.readers.succeed_input_collection(shop.reader)
    signature = shop.client.files.retrieve(shop.action().collect_inputs.inputs[0].signature.value)
    assert (signature.purpose, signature.type) == ("customer_signature", "svg")
    assert signature.expires_at == signature.created + 7 * DAY_S


def test_a_splash_screen_must_be_a_file_made_for_it(shop):
    configurations = shop.client.terminal.configurations
    screen = upload(shop)
    for id, code in (("file_none", "resource_missing"), (upload(shop, "business_logo").id, None)):
        error = shop.refusal(configurations.create, {"stripe_s700": {"splashscreen": id}})
        assert (error.http_status, error.code, error.param) == (400, code, "stripe_s700[splashscreen]")
    made = configurations.create({"stripe_s700": {"splashscreen": screen.id}, "expand": ["stripe_s700.splashscreen"]})
    assert made.stripe_s700.splashscreen.id == screen.id


# -------------------------------------------------------------------------------------------------------------- links


def test_a_link_is_listed_by_its_file(shop):
    file = upload(shop, file_link_data={"create": True, "metadata": {"a": "1"}})
    second = shop.client.file_links.create({"file": file.id, "expand": ["file"]})
    assert shop.client.files.retrieve(file.id).links.data[0].id == second.id
    links = shop.client.file_links.list({"file": file.id}).data
    assert [(link.file, link.expired, link.expires_at) for link in links] == [(file.id, False, None)] * 2
    assert (links[1].metadata["a"], second.file.id) == ("1", file.id)
    assert shop.client.file_links.list({"file": upload(shop).id}).data == []


def test_a_link_expires_on_time(shop):
    file = upload(shop)
    link = shop.client.file_links.create({"file": file.id, "expires_at": shop.control("GET", "clock")["now"] + 60})
    lasting = shop.client.file_links.create({"file": file.id})

    shop.advance(60)

    assert shop.client.file_links.retrieve(link.id).expired is True
    assert [found.id for found in shop.client.file_links.list({"expired": True}).data] == [link.id]
    assert [found.id for found in shop.client.file_links.list({"expired": False}).data] == [lasting.id]


def test_a_link_is_ended_or_prolonged(shop):
    link = shop.client.file_links.create({"file": upload(shop).id, "metadata": {"a": "1"}})
    assert shop.client.file_links.update(link.id, {"expires_at": "now"}).expired is True
    later = link.created + 100
    changed = shop.client.file_links.update(link.id, {"expires_at": later, "metadata": {"b": "2"}})
    assert (changed.expired, changed.expires_at) == (False, later)
    assert changed.metadata.to_dict() == {"a": "1", "b": "2"}
    assert shop.client.file_links.update(link.id, {"expires_at": ""}).expires_at is None
    shop.advance(100)
    assert shop.client.file_links.retrieve(link.id).expired is False


@pytest.mark.parametrize(
    ("purpose", "params", "param"),
    [("account_requirement", {}, "file"), ("business_icon", {"expires_at": 1}, "expires_at")],
)
def test_a_link_that_cannot_be_is_refused(shop, purpose, params, param):
    file = upload(shop, purpose)
    error = shop.refusal(shop.client.file_links.create, {"file": file.id, **params})
    assert (error.http_status, error.param) == (400, param)
    nested = {"file_link_data": {"create": True, **params}}
    assert shop.refusal(upload, shop, purpose, **nested).http_status == 400
    assert (len(shop.client.files.list().data), shop.client.file_links.list().data) == (1, [])
