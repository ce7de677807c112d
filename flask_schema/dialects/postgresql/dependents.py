"""Views and triggers that stand in the way of a column's new type: taken off before, made again after.

PostgreSQL refuses to alter a column that a view selects or that a trigger's condition names.
https://www.postgresql.org/docs/current/catalog-pg-depend.html
"""

from __future__ import annotations

from flask_schema.dialects.dialect import Surroundings
from flask_schema.dialects.postgresql.expressions import literal
from flask_schema.snapshot.elements import QualifiedName, View
from flask_schema.snapshot.identifiers import mentions
from flask_schema.values import dataclass

_VIEWS = """
    WITH RECURSIVE columns AS (
        SELECT a.attrelid, a.attnum FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        WHERE {enum}::regtype IN (t.oid, t.typelem) AND NOT a.attisdropped
    ), users (oid, depth) AS (
        SELECT r.ev_class, 1 FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
        WHERE d.classid = 'pg_rewrite'::regclass AND r.ev_class <> d.refobjid AND (
            (d.refclassid = 'pg_class'::regclass
                AND (d.refobjid, d.refobjsubid) IN (SELECT attrelid, attnum FROM columns))
            OR (d.refclassid = 'pg_type'::regclass AND d.refobjid IN (
                SELECT oid FROM pg_type WHERE {enum}::regtype IN (oid, typelem))))
        UNION
        SELECT r.ev_class, users.depth + 1 FROM users
        JOIN pg_depend d ON d.refobjid = users.oid AND d.refclassid = 'pg_class'::regclass
        JOIN pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass
        WHERE r.ev_class <> users.oid
    ), views AS (
        SELECT c.*, c.oid::regclass::text AS name, max(users.depth) AS depth,
            CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END AS kind
        FROM users JOIN pg_class c ON c.oid = users.oid WHERE c.relkind IN ('v', 'm') GROUP BY c.oid
    )
    SELECT format('DROP %s %s', kind, name),
        ARRAY[format('CREATE %s %s%s AS %s%s', kind, name, ' WITH (' || array_to_string(reloptions, ', ') || ')',
            rtrim(pg_get_viewdef(oid), '; '), CASE WHEN NOT relispopulated THEN ' WITH NO DATA' END)]
        || ARRAY(SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i WHERE i.indrelid = v.oid ORDER BY i.indexrelid)
        || ARRAY(SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t WHERE t.tgrelid = v.oid AND NOT t.tgisinternal
            ORDER BY t.tgname)
        || ARRAY(SELECT format('COMMENT ON %s %s IS %L', kind, name, obj_description(oid, 'pg_class'))
            WHERE obj_description(oid, 'pg_class') IS NOT NULL)
        || ARRAY(SELECT format('COMMENT ON COLUMN %s.%I IS %L', name, a.attname, col_description(v.oid, a.attnum))
            FROM pg_attribute a WHERE a.attrelid = v.oid AND col_description(v.oid, a.attnum) IS NOT NULL)
        || ARRAY(SELECT format('ALTER %s %s OWNER TO %I', kind, name, pg_get_userbyid(relowner))
            WHERE pg_get_userbyid(relowner) <> current_user)
        || ARRAY(SELECT format('GRANT %s ON %s TO %s%s', g.privilege_type, name,
            CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END,
            CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
            FROM aclexplode(relacl) g WHERE g.grantee <> relowner)
    FROM views v ORDER BY depth, name
"""
_TRIGGERS = """
    SELECT format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass), ARRAY[pg_get_triggerdef(t.oid)]
    FROM pg_trigger t WHERE NOT t.tgisinternal AND EXISTS (
        SELECT FROM pg_depend d JOIN pg_attribute a ON (a.attrelid, a.attnum) = (d.refobjid, d.refobjsubid)
        JOIN pg_type y ON y.oid = a.atttypid
        WHERE d.classid = 'pg_trigger'::regclass AND d.objid = t.oid AND d.refclassid = 'pg_class'::regclass
            AND {enum}::regtype IN (y.oid, y.typelem))
    ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Dependent:
    """What stands in the way: the statement that drops it, and those that make it again."""

    drop: str
    create: tuple[str, ...]


def dependents_of_enum(enum: str, surroundings: Surroundings) -> list[Dependent]:
    """What uses columns of an enum type, or the type itself, in the order in which it can be made again.

    ``enum`` is the type's quoted name. For a live database.
    """
    quoted = literal(enum)
    rows = [*surroundings.query(_VIEWS.format(enum=quoted)), *surroundings.query(_TRIGGERS.format(enum=quoted))]
    return [Dependent(str(drop), tuple(str(one) for one in create)) for drop, create in rows]


def views_on(names: set[QualifiedName], surroundings: Surroundings) -> list[View]:
    """The views whose text mentions one of these tables, and views on those, in the order of their creation.

    For SQL without a database: the views that the files create.
    """
    wanted = {one.name for one in names}
    found: list[View] = []
    for view in surroundings.snapshot().views.values():
        if any(mentions(view.definition, one) for one in wanted):
            found.append(view)
            wanted.add(view.name.name)
    return found
