"""A till whose page has the money collected by looking: nobody looks more often than that page, or longer."""

from typing import TYPE_CHECKING

from cardpresent.actors.surroundings import Looks

if TYPE_CHECKING:
    from cardpresent.actors.sale import Sale
    from cardpresent.actors.stage import Stage


def its_turn(stage: "Stage", sale: "Sale", looks: Looks) -> bool:
    """Whether the till's own page would look now; waits for its turn. After a while a page gives up."""
    now_s = stage.around.clock.now_s
    if sale.word is not None and now_s() - sale.begun_s > looks.within_s:
        return False
    stage.until(lambda: now_s() - sale.looked_s >= looks.every_s, looks.every_s)
    sale.looked_s = now_s()
    return True
