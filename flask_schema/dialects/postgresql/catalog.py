"""The queries that read the catalog, one for each kind of object, whatever the number of tables.

Columns of the answers are named in :mod:`flask_schema.dialects.postgresql.reader`, which takes them by place.
Objects that belong to an extension, and partitions of other tables, are left out.
https://www.postgresql.org/docs/current/catalogs.html
"""

from __future__ import annotations

from flask_schema.dialects.postgresql.expressions import literal
from flask_schema.snapshot.elements import QualifiedName
from flask_schema.values import dataclass

CONTEXT = "SELECT current_schema(), array_length(current_schemas(false), 1), current_setting('search_path')"
"""The default schema, the number of schemas on the search path that exist, and the search path as it is set."""


def set_search_path(path: str) -> str:
    """The query that sets the search path of the session to ``path``, text as in the setting."""
    return f"SELECT set_config('search_path', {literal(path)}, false)"


CHECK_TEXT = """(SELECT CASE WHEN said ~ ' >= .* AND .* <= .* AND | < .* OR .* > .* OR '
        THEN pg_get_expr(k.conbin, k.conrelid) ELSE said END
    FROM (SELECT pg_get_expr(k.conbin, k.conrelid, true) AS said) AS pretty)"""
"""The expression of a check ``k``, with all parentheses where a BETWEEN cannot be told from other members without."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """Writes the queries for some schemas (None is the default one), some tables (None: all), and a server version."""

    schemas: tuple[str | None, ...]
    tables: frozenset[QualifiedName] | None = None
    version: tuple[int, ...] = (18,)
    views: bool = False

    def _in_scope(self, namespace: str = "n.nspname") -> str:
        names = dict.fromkeys("current_schema()" if one is None else literal(one) for one in self.schemas)
        return f"{namespace} IN ({', '.join(names)})"

    def _named(self) -> str:
        if self.tables is None:
            return ""
        pairs = sorted(
            f"({'current_schema()' if one.schema is None else literal(one.schema)}, {literal(one.name)})"
            for one in self.tables
        )
        return f" AND (n.nspname, c.relname) IN ({', '.join(pairs)})"

    def _relations(self) -> str:
        """Tables (and materialized views, which have indexes) as a condition on ``c`` and ``n``."""
        kinds = "'r', 'p', 'm'" if self.views else "'r', 'p'"
        return (
            f"c.relkind IN ({kinds}) AND NOT c.relispartition AND {self._in_scope()}{self._named()} "
            f"AND {_not_extension('c.oid', 'pg_class')}"
        )

    def relations(self) -> str:
        """Tables."""
        return f"""
            SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, d.description,
                m.amname, s.spcname,
                CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
                (SELECT string_agg(h.inhparent::regclass::text, E'\\n' ORDER BY h.inhseqno)
                 FROM pg_inherits h WHERE h.inhrelid = c.oid)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_description d
                ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass
            LEFT JOIN pg_am m ON m.oid = c.relam AND m.amname <> 'heap'
            LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
            WHERE {self._relations()}
            ORDER BY n.nspname, c.relname
        """

    def columns(self) -> str:
        """Columns with type, default, comment, enum type, and the sequence that belongs to each."""
        return f"""
            SELECT a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                a.attidentity, a.attgenerated, pg_get_expr(e.adbin, e.adrelid, true), d.description,
                CASE WHEN a.attcollation <> t.typcollation
                    THEN (SELECT CASE WHEN cn.nspname <> 'pg_catalog' THEN quote_ident(cn.nspname) || '.' ELSE '' END
                              || quote_ident(co.collname)
                          FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace
                          WHERE co.oid = a.attcollation) END,
                u.typname, un.nspname, o.numbering
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            JOIN pg_type t ON t.oid = a.atttypid
            LEFT JOIN pg_type u ON u.typtype = 'e'
                AND u.oid = CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE t.oid END
            LEFT JOIN pg_namespace un ON un.oid = u.typnamespace
            LEFT JOIN pg_attrdef e ON e.adrelid = a.attrelid AND e.adnum = a.attnum
            LEFT JOIN pg_description d
                ON d.objoid = a.attrelid AND d.objsubid = a.attnum AND d.classoid = 'pg_class'::regclass
            LEFT JOIN (
                SELECT p.refobjid, p.refobjsubid, json_build_array(q.seqrelid::regclass::text, q.seqstart,
                    q.seqincrement, q.seqmin, q.seqmax, q.seqcycle, q.seqcache)::text AS numbering
                FROM pg_depend p JOIN pg_sequence q ON q.seqrelid = p.objid
                WHERE p.classid = 'pg_class'::regclass AND p.refclassid = 'pg_class'::regclass
                    AND p.deptype IN ('a', 'i')
            ) o ON o.refobjid = a.attrelid AND o.refobjsubid = a.attnum AND (a.attidentity <> '' OR a.atthasdef)
            WHERE {self._relations()}
            ORDER BY a.attrelid, a.attnum
        """

    def constraints(self) -> str:
        """Primary keys, unique constraints, foreign keys and checks."""
        nulls = "i.indnullsnotdistinct" if self.version >= (15,) else "false"
        only = "k.confdelsetcols" if self.version >= (15,) else "NULL"
        return f"""
            SELECT k.conrelid, k.conname, k.contype, k.condeferrable, k.condeferred, k.convalidated,
                array_to_string(k.conkey, ' '),
                CASE WHEN k.contype = 'c' THEN {CHECK_TEXT} END,
                i.indkey::text, i.indnkeyatts, {nulls},
                fn.nspname, f.relname, k.confupdtype, k.confdeltype, k.confmatchtype,
                CASE WHEN k.contype = 'f' THEN (
                    SELECT json_agg(fa.attname ORDER BY w.place)::text
                    FROM unnest(k.confkey) WITH ORDINALITY w(number, place)
                    JOIN pg_attribute fa ON fa.attrelid = k.confrelid AND fa.attnum = w.number) END,
                array_to_string({only}, ' ')
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_constraint k ON k.conrelid = c.oid
            LEFT JOIN pg_index i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u')
            LEFT JOIN pg_class f ON f.oid = k.confrelid AND k.contype = 'f'
            LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace
            WHERE k.contype IN ('p', 'u', 'f', 'c') AND k.conparentid = 0 AND {self._relations()}
            ORDER BY k.conrelid, k.conname
        """

    def indexes(self) -> str:
        """Valid indexes, but for those behind primary keys and unique constraints; those behind EXCLUDE say so."""
        return f"""
            SELECT i.indrelid, {index_details(self.version)}
            FROM {INDEX_SOURCES}
            JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE i.indisvalid AND (k.contype IS NULL OR k.contype = 'x') AND {self._relations()}
            ORDER BY i.indrelid, x.relname
        """

    def types_and_sequences(self) -> str:
        """Enums, domains, and sequences that no SERIAL or identity column owns; the details as JSON."""
        return f"""
            SELECT 'e', n.nspname, t.typname, json_build_array(obj_description(t.oid, 'pg_type'),
                (SELECT json_agg(v.enumlabel ORDER BY v.enumsortorder) FROM pg_enum v WHERE v.enumtypid = t.oid),
                EXISTS (SELECT FROM pg_attribute a JOIN pg_class uc ON uc.oid = a.attrelid
                    JOIN pg_namespace un ON un.oid = uc.relnamespace
                    WHERE a.atttypid IN (t.oid, t.typarray) AND NOT a.attisdropped AND uc.relkind IN ('r', 'p')
                    AND NOT {self._in_scope("un.nspname")}))::text
            FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
            WHERE t.typtype = 'e' AND {self._in_scope()} AND {_not_extension("t.oid", "pg_type")}
            UNION ALL
            SELECT 'd', n.nspname, t.typname, json_build_array(format_type(t.typbasetype, t.typtypmod), t.typnotnull,
                t.typdefault, (SELECT json_agg(json_build_array(k.conname, pg_get_expr(k.conbin, 0, true)))
                               FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'))::text
            FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
            WHERE t.typtype = 'd' AND {self._in_scope()} AND {_not_extension("t.oid", "pg_type")}
            UNION ALL
            SELECT 's', n.nspname, c.relname, json_build_array(format_type(q.seqtypid, NULL), q.seqstart,
                q.seqincrement, q.seqmin, q.seqmax, q.seqcycle, q.seqcache,
                CASE WHEN a.attname IS NOT NULL THEN json_build_array(tn.nspname, tc.relname, a.attname) END)::text
            FROM pg_sequence q JOIN pg_class c ON c.oid = q.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_depend p ON p.classid = 'pg_class'::regclass AND p.objid = c.oid
                AND p.refclassid = 'pg_class'::regclass AND p.refobjsubid > 0 AND p.deptype IN ('a', 'i')
            LEFT JOIN pg_class tc ON tc.oid = p.refobjid
            LEFT JOIN pg_namespace tn ON tn.oid = tc.relnamespace
            LEFT JOIN pg_attribute a ON a.attrelid = p.refobjid AND a.attnum = p.refobjsubid
            LEFT JOIN pg_attrdef e ON e.adrelid = a.attrelid AND e.adnum = a.attnum
            WHERE {self._in_scope()} AND {_not_extension("c.oid", "pg_class")} AND p.deptype IS DISTINCT FROM 'i'
                AND NOT EXISTS (SELECT FROM pg_depend de WHERE de.classid = 'pg_attrdef'::regclass
                    AND de.objid = e.oid AND de.refclassid = 'pg_class'::regclass AND de.refobjid = c.oid)
        """

    def programs(self) -> str:
        """Views, materialized views, functions, procedures and triggers, each with its text; extensions."""
        return f"""
            SELECT CASE c.relkind WHEN 'm' THEN 'materialized' ELSE 'view' END, n.nspname, c.relname,
                pg_get_viewdef(c.oid, true), c.oid::text, array_to_string(c.reloptions, E'\\n'), {VIEW_INTERFACE}::text
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('v', 'm') AND {self._in_scope()} AND {_not_extension("c.oid", "pg_class")}
            UNION ALL
            SELECT CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END, n.nspname, p.proname,
                pg_get_functiondef(p.oid), {ARGUMENT_TYPES}, NULL, {FUNCTION_INTERFACE}::text
            FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE p.prokind IN ('f', 'p', 'w') AND {self._in_scope()} AND {_not_extension("p.oid", "pg_proc")}
            UNION ALL
            SELECT 'trigger', n.nspname, c.relname, pg_get_triggerdef(g.oid, true), g.tgname, NULL, NULL
            FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE NOT g.tgisinternal AND NOT c.relispartition AND {self._in_scope()}
                AND {_not_extension("g.oid", "pg_trigger")}
            UNION ALL
            SELECT 'extension', NULL, extname, NULL, NULL, NULL, NULL FROM pg_extension WHERE extname <> 'plpgsql'
        """


VIEW_INTERFACE = """(SELECT json_agg(va.attname || ' ' || format_type(va.atttypid, va.atttypmod) ORDER BY va.attnum)
                FROM pg_attribute va WHERE va.attrelid = c.oid AND va.attnum > 0)"""
"""The columns of the view ``c`` with their types, as a JSON list."""
FUNCTION_INTERFACE = "json_build_array(pg_get_function_arguments(p.oid), pg_get_function_result(p.oid))"
"""The parameters and the result of the function ``p``, as a JSON list."""
ARGUMENT_TYPES = """COALESCE((SELECT string_agg(format_type(pt.type, NULL), ', ' ORDER BY pt.place)
                FROM unnest(p.proargtypes) WITH ORDINALITY pt(type, place)), '')"""
"""The argument types by which the overload ``p`` is told from others."""
INDEX_SOURCES = """
    pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
    LEFT JOIN pg_tablespace s ON s.oid = x.reltablespace
    LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')"""
"""What ``index_details`` selects from."""


def index_details(version: tuple[int, ...]) -> str:
    """What is selected of an index, from its name on."""
    nulls = "i.indnullsnotdistinct" if version >= (15,) else "false"
    return f"""x.relname, i.indisunique, m.amname, i.indkey::text, i.indnkeyatts, i.indoption::text, {nulls},
        CASE WHEN i.indexprs IS NOT NULL THEN (
            SELECT json_agg(pg_get_indexdef(i.indexrelid, g, true) ORDER BY g)::text
            FROM generate_series(1, i.indnkeyatts) g) END,
        {_opclasses()},
        {_collations()},
        pg_get_expr(i.indpred, i.indrelid, true), array_to_string(x.reloptions, E'\\n'), s.spcname,
        k.contype, k.condeferrable, k.condeferred,
        CASE WHEN k.contype = 'x' THEN (
            SELECT json_agg(op.oprname ORDER BY w.place)::text
            FROM unnest(k.conexclop) WITH ORDINALITY w(opr, place)
            JOIN pg_operator op ON op.oid = w.opr) END"""


def _not_extension(oid: str, catalog: str) -> str:
    return (
        f"NOT EXISTS (SELECT FROM pg_depend x0 WHERE x0.classid = '{catalog}'::regclass "
        f"AND x0.objid = {oid} AND x0.deptype = 'e')"
    )


def _opclasses() -> str:
    """The operator classes of the keys that have another than their type's default one, as JSON, else NULL."""
    return """(
        SELECT json_agg(CASE WHEN NOT oc.opcdefault OR ka.attoptions IS NOT NULL THEN oc.opcname
            || COALESCE('(' || array_to_string(ka.attoptions, ', ') || ')', '') END ORDER BY w.place)::text
        FROM unnest(i.indclass::oid[]) WITH ORDINALITY w(cls, place)
        JOIN pg_opclass oc ON oc.oid = w.cls
        LEFT JOIN pg_attribute ka ON ka.attrelid = i.indexrelid AND ka.attnum = w.place
        HAVING bool_or(NOT oc.opcdefault OR ka.attoptions IS NOT NULL))"""


def _collations() -> str:
    """The collations of the keys that have another than their column's (or the default one), as JSON, else NULL."""
    differs = """w.coll <> 0 AND w.coll <> COALESCE(ca.attcollation, 100)
            AND (ca.attnum IS NOT NULL OR position(' COLLATE ' IN pg_get_indexdef(i.indexrelid)) > 0)"""
    return f"""(
        SELECT json_agg(CASE WHEN {differs} THEN co.collname END ORDER BY w.place)::text
        FROM unnest(i.indcollation::oid[]) WITH ORDINALITY w(coll, place)
        LEFT JOIN pg_collation co ON co.oid = w.coll
        LEFT JOIN pg_attribute ca ON ca.attrelid = i.indrelid AND ca.attnum <> 0
            AND ca.attnum = i.indkey[w.place::int - 1]
        HAVING bool_or({differs}))"""
