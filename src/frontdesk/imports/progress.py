"""The progress bar of an import."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from frontdesk.imports.source import Source


@contextmanager
def progress_bar(title: str, source: Source) -> Iterator[Callable[[], None]]:
    """Show on standard error, if it is a terminal, how much of `source` has been read.

    Yields the function that updates the bar.
    """
    console = Console(stderr=True)
    columns = (TextColumn(title), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task(title, total=source.size)
        yield lambda: progress.update(task, completed=source.position)
