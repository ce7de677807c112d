"""Daily accidents, explained with what git and the journal know: two heads, and a revision that no file has."""

from __future__ import annotations

from flask_schema.errors import DatabaseAhead, MultipleHeads, SchemaError
from flask_schema.git import Commit, Repository, Sighting
from flask_schema.history.revision import Revision
from flask_schema.project import Project, relative


def explain_accident(project: Project, error: SchemaError) -> SchemaError:
    """The error with more to go on, where it is one of those accidents; else the error itself."""
    try:
        if isinstance(error, DatabaseAhead) and error.revision is not None:
            return _explain_ahead(project, error, error.revision)
        if isinstance(error, MultipleHeads) and len(project.history.graph.heads) > 1:
            return _explain_heads(project, error)
    except (SchemaError, OSError):
        return error  # what is wrong beside it must not hide it
    return error


# -- two heads ----------------------------------------------------------------------------------


def _explain_heads(project: Project, error: MultipleHeads) -> MultipleHeads:
    graph = project.history.graph
    repository = Repository.of(project.directory)
    if repository is None:
        return error
    heads = [graph.revisions[head] for head in graph.heads]
    commits = {one.revision: _commit_of(repository, one) for one in heads}
    explained = type(error)(error.message, hint=_joining(error, commits), file=error.file, revision=error.revision)
    explained.details = tuple(_head_line(one, commits[one.revision]) for one in heads)
    return explained


def _commit_of(repository: Repository, revision: Revision) -> Commit | None:
    return repository.first_commit(revision.path) if revision.path is not None else None


def _head_line(revision: Revision, commit: Commit | None) -> str:
    whose = f"{commit.author}, {commit.date}" if commit is not None else "not committed yet"
    file = f"  {relative(revision.path)}" if revision.path is not None else ""
    return f"{revision.revision} {revision.message or 'no message'} ({whose}){file}"


def _joining(error: MultipleHeads, commits: dict[str, Commit | None]) -> str | None:
    """What to type; a head that is not committed is one's own, and moves most easily."""
    own = [head for head, commit in commits.items() if commit is None]
    if len(commits) == 2 and len(own) == 1:
        return (
            f"run 'flask db rebase {own[0]}' to put your own behind the other, or 'flask db merge heads' to join them"
        )
    if len(commits) == 2 and error.hint == MultipleHeads.default_hint:
        return (
            "run 'flask db merge heads' to join them, or 'flask db rebase <yours>' if no other database has yours; "
            "or name one head"
        )
    return error.hint


# -- a revision that no file has ----------------------------------------------------------------


def _explain_ahead(project: Project, error: DatabaseAhead, revision: str) -> DatabaseAhead:
    repository = Repository.of(project.directory)
    found = repository.find(revision, project.version_locations) if repository is not None else None
    if found is None:
        return _as_noted(project, error, revision)
    message, hint = _elsewhere(found) if found.removed is None else _removed(found, found.removed)
    explained = type(error)(f"{error.message}: {message}", hint=hint, revision=error.revision)
    explained.details = error.details
    return explained


def _as_noted(project: Project, error: DatabaseAhead, revision: str) -> DatabaseAhead:
    """What the journal says of it, where one is kept."""
    if not project.settings.journal or project.app is None:
        return error
    from flask_schema.actions.applied import applied

    noted = (one for entries in applied(project).entries.values() for one in entries if one.revision == revision)
    entry = next(noted, None)
    if entry is None:
        return error
    who = f"{entry.user}@{entry.host}" if entry.user else entry.host
    explained = type(error)(error.message, hint=error.hint, revision=error.revision)
    named = f" ({entry.message})" if entry.message else ""
    explained.details = (f"{who} ran {entry.direction} {revision}{named} at {entry.started:%Y-%m-%d %H:%M} UTC",)
    return explained


def _elsewhere(found: Sighting) -> tuple[str, str]:
    added = f"{found.added.author}, {found.added.date}"
    if not found.branches:
        commit = found.added.name[:10]
        return f"{found.path} had it in commit {commit} ({added}), and is on no branch with that id", (
            f"look at it with 'git show {commit}:{found.path}'; if the file has only got another id, "
            "run 'flask db stamp --purge <that id>'"
        )
    branch = found.branches[0]
    where = f"{found.path} is on branch {branch} ({added})"
    back = _way_back(found)
    return where, (
        f"bring it here with 'git merge {branch}', or its file alone with 'git checkout {branch} -- {found.path}'; "
        f"or leave it there: 'git switch {branch.removeprefix('origin/')}', {back}, and 'git switch -'"
    )


def _removed(found: Sighting, removed: Commit) -> tuple[str, str]:
    where = f"{removed.author} deleted {found.path} in commit {removed.name[:10]} ({removed.date})"
    return where, (
        f"bring it back with 'git checkout {removed.name[:10]}^ -- {found.path}', and keep it, "
        f"or run {_way_back(found)} before you delete it again"
    )


def _way_back(found: Sighting) -> str:
    return f"'flask db downgrade {found.down_revision or '-1'}'"
