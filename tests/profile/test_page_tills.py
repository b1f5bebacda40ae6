"""A till of kind js-sdk is worked at its page: what its file has to say, and what it may not."""

from pathlib import Path

import pytest

from cardpresent.profile import IntegrationError, load

FILE = (Path(__file__).parents[2] / "fixtures" / "integrations" / "js_sdk_page.toml").read_text(encoding="utf-8")
PAGE = FILE[FILE.index("\n[page]\n") + 1:FILE.index("[capabilities]")]
SALE_STATE = """[operations.sale_state]
method = "GET"
path = "/s"
outcome = { by = "$.s", accepted = ["p"] }
"""
START = FILE[FILE.index("start_sale = ["):FILE.index("cancel = [{")]


def loaded(tmp_path: Path, text: str):
    path = tmp_path / "cardpresent.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_its_sales_need_no_requests_and_what_its_page_names_is_known(tmp_path):
    till = loaded(tmp_path, FILE)

    assert till.at_page
    assert "start_sale" not in till.operations
    assert till.names("start_sale", "amount.string") and not till.names("start_sale", "amount.currency")
    assert till.reads_words("start_sale") and not till.reads_words("connection_token")


@pytest.mark.parametrize(("before", "after", "sentence"), [
    (PAGE, "", 'page: missing; describe the page: a till of kind "js-sdk" is worked nowhere else'),
    (START, "", "page.start_sale: missing; give the steps that take a payment at the page"),
    ("\n[page]\n", f"\n{SALE_STATE}\n[page]\n", "operations.sale_state: stands beside the page"),
    ('cancel = [{ click = { role = "button", name = "Cancel" }, within_s = 2 }]', "",
     "capabilities.cancel: is true but [operations.cancel_sale] is missing"),
    ('retry_sale = [{ click = { role = "button", name = "Charge" }, within_s = 2 }]', "",
     "capabilities.retry: is true but [operations.retry_sale] is missing"),
    ("{reader_label}", "{readers_label}", "nothing fills {readers_label}; did you mean"),
])  # fmt: skip
def test_a_mistake_is_one_sentence_that_names_the_key_and_the_fix(tmp_path, before, after, sentence):
    assert before in FILE

    with pytest.raises(IntegrationError) as refused:
        loaded(tmp_path, FILE.replace(before, after))

    assert sentence in str(refused.value)
