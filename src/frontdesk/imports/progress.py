"""How far an import has read its file: a bar in a terminal, or whoever watches."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from frontdesk.imports.source import Source

Watcher = Callable[[Source], None]
_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


@contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Call `watcher` while a file is read here, whatever its format. What it raises ends that."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


@contextmanager
def progress_bar(title: str, source: Source) -> Iterator[Callable[[], None]]:
    """Show on standard error, if it is a terminal, how much of `source` has been read.

    Yields the function that updates the bar.
    """
    console, watcher = Console(stderr=True), _watcher.get()
    columns = (TextColumn(title), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task(title, total=source.size)

        def show() -> None:
            progress.update(task, completed=source.position)
            if watcher is not None:
                watcher(source)

        yield show
