import sqlalchemy as sa


def test_create_read_and_no_difference(server) -> None:
    metadata = sa.MetaData()
    sa.Table("a", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.String(50), unique=True, server_default="x"), sa.Column("e", sa.Enum("a","b",name="mood")))
    sa.Table("b", metadata, sa.Column("id", sa.Integer, sa.Identity(), primary_key=True), sa.Column("a", sa.ForeignKey("a.id", ondelete="CASCADE"), index=True), sa.CheckConstraint("a > 0"))
    ops = server.differences(metadata)
    server.run(*ops)
    assert server.differences(metadata) == ()
    mine = server.catalog()
    metadata.drop_all(server.engine)
    metadata.create_all(server.engine)
    assert server.catalog() == mine
