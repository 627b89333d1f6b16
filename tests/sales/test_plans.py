"""How the databases find the documents that a card counts: by an index, never by reading a whole table of leads."""

import pytest
import sqlalchemy as sa

from leadhub.database import reading_aside
from leadhub.extensions import db
from leadhub.sales.reading import reader_for
from tests.sales.test_reading import MIDDLE, fill, hub  # noqa: F401

ASKS = {
    "ix_quotations_sent_on": lambda reader: reader.documents("submitted", period=MIDDLE),
    "ix_quotations_settled_on": lambda reader: reader.documents("answered", period=MIDDLE),
    "ix_orders_ordered_on": lambda reader: reader.documents_over_time("ordered", "month", period=MIDDLE),
    "ix_opportunities_closed_on": lambda reader: reader.losses(period=MIDDLE),
    "ix_opportunities_state": lambda reader: reader.expected(),
    "ix_quotations_lead_id": lambda reader: reader.outcomes(period=MIDDLE),
    "ix_orders_lead_id": lambda reader: reader.outcomes("source"),
    "ix_quotations_changed_at": lambda reader: reader.documents("submitted"),
}


@pytest.mark.parametrize("index", ASKS)
def test_an_index_answers(hub, person, index):  # noqa: F811
    fill(hub, 12, 400)
    db.session.execute(sa.text("ANALYZE"))
    db.session.commit()
    asked = []
    user = person("bob")

    def hear(connection, cursor, statement, parameters, context, many):
        if "FROM" in statement and any(table in statement for table in ("quotations", "orders", "opportunities")):
            asked.append((statement, parameters))

    sa.event.listen(db.engine, "before_cursor_execute", hear)
    try:
        ASKS[index](reader_for(user))
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", hear)
    is_sqlite = db.engine.dialect.name == "sqlite"
    plans = []
    with reading_aside(db.engine) as connection:
        if not is_sqlite:  # a table of few rows is read whole, unless that is forbidden
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for statement, parameters in asked:
            rows = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' * is_sqlite}{statement}", parameters)
            plans.append("\n".join(str(row[-1]) for row in rows))
    wanted = index if is_sqlite else index.removesuffix("_lead_id")  # PostgreSQL takes whichever it finds smallest
    assert any(wanted in plan for plan in plans), plans
    assert not any("SCAN leads\n" in f"{plan}\n" or "Seq Scan on leads" in plan for plan in plans), plans
