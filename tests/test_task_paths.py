"""django-tasks stores the dotted path of a task's function in its rows.

After a move or a new name, tasks that were queued before an upgrade could not run: a migration
rewrites their path (people/migrations/0003_bulk_task_path.py is one). Then change the list here.
"""

import ast
from pathlib import Path

import frontdesk

PACKAGE = Path(frontdesk.__file__).parent

KNOWN = {
    "frontdesk.imports.uploads.work",
    "frontdesk.ledger.anonymize.move",
    "frontdesk.ledger.deletion.delete_agent",
    "frontdesk.ledger.erase.remove_rest",
    "frontdesk.ledger.imports.take_back",
    "frontdesk.ledger.rebuild.rebuild",
    "frontdesk.ledger.relabel.change_tag",
    "frontdesk.ledger.relabel.take_plan_away",
    "frontdesk.people.bulk_actions.bulk.run",
    "frontdesk.people.profiles.medians.compute_medians",
}


def test_the_paths_of_tasks_are_those_that_queued_rows_name() -> None:
    found = {
        ".".join((*file.relative_to(PACKAGE.parent).with_suffix("").parts, function))
        for file in PACKAGE.rglob("*.py")
        for function in tasks_in(ast.parse(file.read_text()))
    }
    assert found == KNOWN


def tasks_in(module: ast.Module) -> list[str]:
    """The names of the functions with the decorator `@task()`."""
    return [
        node.name
        for node in module.body
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(each).startswith("task(") for each in node.decorator_list)
    ]
